import { appCode } from "../../server/test/support/second-factor.ts";
import type { Person, Stack } from "./stack.ts";

const halfMinute = 30_000;

/** Somebody who has signed up, with an authenticator app. Returns its secret. */
export async function signUpWithApp(stack: Stack, person: Person): Promise<string> {
  const { token } = await stack.signUp(person);
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${stack.apiUrl}${path}`, {
      method: "POST",
      headers: { authorization: `JWT ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { secret: string };
  };
  const { secret } = await post("/user/second-factor/", {});
  // A step back: the code of now is for the log-in, as none counts twice.
  await post("/user/second-factor/confirm/", { code: appCode(secret, Date.now() - halfMinute) });
  return secret;
}
