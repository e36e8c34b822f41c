import type { LightMyRequestResponse } from "fastify";
import { makePerson, type Person, password, type Standing } from "./people.ts";
import { type SwitchedOn, switchOnSecondFactor } from "./second-factor.ts";
import type { TestApp } from "./test-app.ts";

/** A browser on which somebody gets past the first step of a log-in and has lost the second. */
export interface Loser extends Person, SwitchedOn {
  readonly email: string;
  /** A new log-in's step; by another way than the password with `logIn`. */
  stepOf(headers?: Record<string, string>): Promise<string>;
  /** One of the calls at a step, of a new log-in where none is given. */
  call(verb: "" | "ask/" | "finish/", step?: string): Promise<LightMyRequestResponse>;
  /** How it stands, as the page is told. */
  state(): Promise<Record<string, string | number | null>>;
}

/** Where nobody logged in before. */
export const elsewhere = {
  "user-agent": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15",
};
const lost = "/users/second-factor/lost/";

/** Of an account with a second factor that was switched on some days ago. */
export async function makeLoser(test: TestApp, username: string, standing: Standing = {}): Promise<Loser> {
  const email = `${username}@qq.com`;
  const made = await makePerson(test, username, { email, ...standing });
  const factor = await switchOnSecondFactor(test, username);
  test.clock.advance(3 * 86_400);
  const post = (url: string, payload: object, headers = elsewhere) =>
    test.anonymous({ method: "POST", url, payload, headers });
  async function stepOf(headers = elsewhere): Promise<string> {
    const answer = await post("/users/authorizations/", { username, password }, headers);
    if (answer.statusCode !== 403) throw new Error(`no step: ${answer.statusCode} ${answer.body}`);
    return answer.json().step;
  }
  const call: Loser["call"] = async (verb, step) =>
    post(`${lost}${verb}`, { step: step ?? (await stepOf()) });
  return {
    ...{ ...made, ...factor, email, stepOf, call },
    state: async () => (await call("")).json(),
  };
}

/** What the link of the last mail about it holds. */
export function cancelTokenIn(test: TestApp, to: string): string {
  const mail = test.mailbox.findLast((one) => one.to === to && one.text.includes("/lost-factor#"));
  return /\/lost-factor#(\S+)/.exec(mail?.text ?? "")?.[1] ?? "";
}

export const cancelByLink = (test: TestApp, token: string): Promise<LightMyRequestResponse> =>
  test.anonymous({ method: "POST", url: `${lost}cancel/`, payload: { token } });
