import { makePerson, type Person, password, type Standing } from "./people.ts";
import type { TestApp } from "./test-app.ts";

/** Somebody whose proved number receives nothing any more. */
export interface Leaver extends Person {
  readonly email: string;
  readonly mobile: string;
  /** A proof for leaving the number, by a code that was mailed. */
  mailedProof(): Promise<string>;
  /** One of the calls about it, with a proof where one is given. */
  leave(method: "GET" | "POST" | "DELETE", proof?: string): ReturnType<TestApp["anonymous"]>;
}

let numbers = 0;
export const leaveUrl = "/user/mobile/leave/";

export async function makeLeaver(test: TestApp, username: string, standing: Standing = {}): Promise<Leaver> {
  const email = `${username}@qq.com`;
  const made = await makePerson(test, username, { email, ...standing });
  const mobile = `136${String(++numbers).padStart(8, "0")}`;
  const as = test.as(made.token);
  const sms_code = await test.smsCodeFor(mobile, made.token);
  const payload = { mobile, sms_code, current_password: password };
  const proved = await as({ method: "PUT", url: "/user/mobile/", payload });
  if (proved.statusCode !== 200) throw new Error(`no number: ${proved.statusCode} ${proved.body}`);
  test.clock.advance(61);
  return leaverOf(test, { ...made, email, mobile });
}

/** The calls of somebody who has an address and a proved number. */
export function leaverOf(
  test: TestApp,
  person: Person & { readonly email: string; readonly mobile: string },
): Leaver {
  const { email, token } = person;
  const as = test.as(token);
  return {
    ...person,
    async mailedProof() {
      const action = "mobile_leave";
      test.clock.advance(61);
      const asked = await as({
        ...{ method: "POST", url: "/user/reauthentication/email-code/", payload: { action } },
      });
      if (asked.statusCode !== 200) throw new Error(`no mail: ${asked.statusCode} ${asked.body}`);
      await test.runJobs();
      const email_code = test.mailbox.findLast(({ to, kind }) => to === email && kind === "stepUp")?.code;
      const answer = await as({
        ...{ method: "POST", url: "/user/reauthentication/", payload: { action, email_code } },
      });
      if (answer.statusCode !== 200) throw new Error(`no proof: ${answer.statusCode} ${answer.body}`);
      return answer.json().proof;
    },
    leave: (method, proof) =>
      as({ method, url: leaveUrl, headers: proof === undefined ? {} : { "x-meiduo-proof": proof } }),
  };
}
