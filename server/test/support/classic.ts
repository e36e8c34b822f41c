import { randomUUID } from "node:crypto";
import type { InjectOptions } from "fastify";
import { startTestApp, type TestApp, type TestAppOptions } from "./test-app.ts";

/** A site of the classic contract, and the calls of its pages. */
export const pictureText = "ABCD";
export const password = "12345678aA";

export interface Classic {
  readonly test: TestApp;
  get(url: string, token?: string): ReturnType<TestApp["anonymous"]>;
  send(
    method: "POST" | "PUT" | "DELETE",
    url: string,
    payload?: object,
    token?: string,
  ): ReturnType<TestApp["anonymous"]>;
  /** Draws a picture; returns what a page adds to its query. */
  picture(id?: string): Promise<string>;
  /** A code for the number, as the sign-up page asks for it. */
  code(mobile: string): Promise<string>;
  /** What came by SMS last. */
  lastSms(mobile: string): Promise<string>;
  number(): string;
  /** Somebody by number alone, as the sign-up page makes them. */
  person(name?: string): Promise<{ id: number; username: string; mobile: string; token: string }>;
}

let numbers = 0;
let people = 0;

/** On an application that somebody else started. */
export function classicOf(test: TestApp): Classic {
  const call = (request: InjectOptions, token?: string) =>
    (token === undefined ? test.anonymous : test.as(token))(request);
  const classic: Classic = {
    test,
    get: (url, token) => call({ url }, token),
    send: (method, url, payload, token) =>
      call({ method, url, ...(payload === undefined ? {} : { payload }) }, token),
    async picture(id = randomUUID()) {
      const drawn = await classic.get(`/image_codes/${id}/`);
      if (drawn.statusCode !== 200) throw new Error(`no picture: ${drawn.statusCode} ${drawn.body}`);
      return `text=${pictureText.toLowerCase()}&image_code_id=${id}`;
    },
    async code(mobile) {
      // Another minute than the last one's.
      test.clock.advance(61);
      const answer = await classic.get(`/sms_codes/${mobile}/?${await classic.picture()}`);
      if (answer.statusCode !== 200) throw new Error(`no code: ${answer.statusCode} ${answer.body}`);
      return classic.lastSms(mobile);
    },
    async lastSms(mobile) {
      await test.runJobs();
      const message = test.smsBox.findLast(({ to }) => to === mobile);
      if (message === undefined) throw new Error(`no SMS to ${mobile}`);
      return message.code;
    },
    number: () => `137${String(++numbers).padStart(8, "0")}`,
    async person(name = `classic${++people}`) {
      const mobile = classic.number();
      const sms_code = await classic.code(mobile);
      const fields = { username: name, password, password2: password, mobile, sms_code, allow: "true" };
      const answer = await classic.send("POST", "/users/", fields);
      if (answer.statusCode !== 201) throw new Error(`no account: ${answer.statusCode} ${answer.body}`);
      return answer.json();
    },
  };
  return classic;
}

/** What makes a site of the contract. */
export const classicEnv = {
  ...{ CONTRACT: "classic", SANDBOX_CAPTCHA_TEXT: pictureText, TRUST_PROXY: "1" },
  ...{ SMS_HOURLY_BUDGET: "10000", SMS_DAILY_BUDGET: "10000" },
};

export async function startClassic({ env, ...options }: TestAppOptions = {}): Promise<Classic> {
  return classicOf(
    await startTestApp({
      ...options,
      env: { ...classicEnv, ...env },
    }),
  );
}
