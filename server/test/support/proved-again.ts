import { decideInSandbox } from "../../../sandbox/decide.ts";
import type { ThirdPartyTest } from "./third-party.ts";

/** A proof for one call of somebody who only has a third party, as their page comes by it. */
export async function proofByProvider(
  { test }: ThirdPartyTest,
  token: string,
  { provider, person, action }: Readonly<Record<"provider" | "person" | "action", string>>,
): Promise<{ "x-meiduo-proof": string }> {
  const post = (end: string, payload: object) =>
    test.as(token)({ method: "POST", url: `/user/reauthentication/${end}`, payload });
  const begun = await post("authorization/", { provider });
  const decision = { person, trouble: "", decision: "allow" } as const;
  const { answer } = await decideInSandbox(begun.json().login_url, decision);
  const parameters = new URL(answer.headers.get("location") ?? "").searchParams;
  const shown = { code: parameters.get("code"), state: parameters.get("state") };
  const proved = await post("", { provider, ...shown, action });
  if (proved.statusCode !== 200) throw new Error(`not proved: ${proved.body}`);
  return { "x-meiduo-proof": proved.json().proof };
}
