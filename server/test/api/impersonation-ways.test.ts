import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { User } from "../../src/accounts/record.ts";
import { numberToTell } from "../../src/admin/impersonation-sms-job.ts";
import { errorCodes } from "../../src/errors/error-codes.ts";
import { createCookieTokens } from "../../src/sessions/cookie-token.ts";
import { localPage, openPage } from "../support/cookie-page.ts";
import {
  begin,
  impersonationOn,
  impersonationUrl,
  makeHelper,
  sessionOf,
  tokenFor,
} from "../support/impersonation.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Acting in an owner's place where it is off, and by other ways to show who one is. */
let test: TestApp;
let helper: Person;
let user: Person;
beforeAll(async () => {
  test = await startTestApp({ env: impersonationOn });
});
afterAll(() => test.close());
let count = 0;
beforeEach(async () => {
  helper = await makeHelper(test, `helper${++count}`);
  user = await makePerson(test, `owner${count}`);
});

describe("a site that did not switch it on", () => {
  it("refuses it, says so, and knows no session of before", async () => {
    const off = await startTestApp();
    try {
      const staff = await makeHelper(off, "helper");
      const owner = await makePerson(off, "owner");
      const answer = await begin(off, staff, owner.id);
      expect([answer.statusCode, answer.json().message]).toEqual([
        403,
        expect.stringContaining("IMPERSONATION=on"),
      ]);
      expect((await off.as(staff.token)({ url: impersonationUrl(owner.id) })).json().on).toBe(false);
    } finally {
      await off.close();
    }
  });
});

describe("beside other ways to show who one is", () => {
  it("is refused to a caller without a session of ours, however well proved", async () => {
    const own = await startTestApp({
      env: impersonationOn,
      authenticators: [
        {
          name: "own",
          async authenticate(authorization) {
            const name = /^Own (\w+)$/.exec(authorization)?.[1];
            const found = name === undefined ? null : await own.app.users.byLoginName(name);
            return found === null ? null : { ...found, recently_proved: true };
          },
        },
      ],
    });
    try {
      await makeHelper(own, "helper");
      const owner = await makePerson(own, "owner");
      const answer = await own.anonymous({
        ...{ method: "POST", url: impersonationUrl(owner.id), payload: { reason: "ticket 17" } },
        headers: { authorization: "Own helper" },
      });
      expect([answer.statusCode, answer.json().message]).toEqual([
        403,
        errorCodes.impersonation_no_session.zh,
      ]);
    } finally {
      await own.close();
    }
  });

  it("opens nothing by a cookie of its session", async () => {
    const page = openPage(test, test.anonymous, localPage);
    const statusBy = (token: string) => {
      const claims = { sessionId: sessionOf(token), number: 0, lasts: false };
      page.cookies.set(localPage.name, createCookieTokens([testSecretKey]).issue(claims));
      return page.status();
    };
    // As it is for the owner's own session.
    expect(await statusBy(user.token)).toBe(200);
    expect(await statusBy(await tokenFor(test, helper, user.id))).toBe(401);
  });

  it("tells the number of an owner without a confirmed address, and nobody's that is not theirs", () => {
    const one = {
      email: null,
      email_verified: 0,
      mobile: "13800138000",
      proved_mobile: "13800138000",
    } as User;
    expect(numberToTell(one)).toBe("13800138000");
    expect(numberToTell({ ...one, email: "a@example.com", email_verified: 1 })).toBeNull();
    expect(numberToTell({ ...one, email: "a@example.com" })).toBe("13800138000");
    expect(numberToTell({ ...one, proved_mobile: null })).toBeNull();
  });
});
