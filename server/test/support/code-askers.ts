import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { cookieIn } from "./devices.ts";
import { startTestApp, type TestApp, type TestAppOptions } from "./test-app.ts";

/** Clients of different networks, who ask for codes and type them. */
export interface Client {
  readonly ask: (email: string, sendType?: string) => Promise<LightMyRequestResponse>;
  /** Signs up with the code; the message of the answer, null where it worked. */
  readonly type: (email: string, code: string) => Promise<string | null>;
  /** Resets the password with the code; likewise. */
  readonly reset: (email: string, code: string) => Promise<string | null>;
  readonly logIn: (username: string) => Promise<Client>;
}

export interface CodeAskers {
  readonly test: TestApp;
  /** The client at this address; a device that logged in before shows its cookie. */
  readonly at: (network: string, cookie?: string) => Client;
  /** What was mailed to the address, as codes (null for a mail without one). */
  readonly codesTo: (email: string) => Promise<(string | null)[]>;
}

export const password = "12345678aA";
export const wrongCode = "邮箱验证码错误";
export const expiredCode = "邮箱验证码过期";

export async function startCodeAskers(options: TestAppOptions = {}): Promise<CodeAskers> {
  const test = await startTestApp({ ...options, env: { TRUST_PROXY: "1", ...options.env } });
  let number = 0;

  function at(network: string, cookie?: string): Client {
    const call = (request: InjectOptions) => {
      const headers = { "x-forwarded-for": network, ...(cookie === undefined ? {} : { cookie }) };
      return test.anonymous({ ...request, headers: { ...request.headers, ...headers } });
    };
    const post = async (url: string, payload: object) => {
      const answer = await call({ method: "POST", url, payload });
      return answer.statusCode < 300 ? null : (answer.json() as { message: string }).message;
    };
    const secrets = { password, password2: password };
    return {
      ask: (email, sendType = "register") =>
        call({ url: `/verifications/email_codes/${email}/?send_type=${sendType}` }),
      type: (email, email_code) => {
        number += 1;
        return post("/users/", { username: `typist${number}`, email, email_code, ...secrets, allow: "true" });
      },
      reset: (email, email_code) => post("/users/password/", { email, email_code, ...secrets }),
      async logIn(username) {
        const payload = { username, password };
        const answer = await call({ method: "POST", url: "/users/authorizations/", payload });
        if (answer.statusCode !== 200) throw new Error(answer.body);
        return at(network, cookieIn(answer.headers["set-cookie"]));
      },
    };
  }

  async function codesTo(email: string) {
    await test.runJobs();
    const mails = test.mailbox.filter(({ to }) => to === email);
    return mails.map(({ text }) => /\b[2-9A-HJKMNP-Z]{6}\b/.exec(text)?.[0] ?? null);
  }

  return { test, at, codesTo };
}
