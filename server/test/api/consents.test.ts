import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { TERMS_VERSION: "2026-11", PRIVACY_VERSION: "v2" } });
});
afterAll(() => test.close());

const due = [
  { document: "terms", version: "2026-11" },
  { document: "privacy", version: "v2" },
];
const agree = (token: string, document: string, version: string) =>
  test.as(token)({ method: "POST", url: "/user/consents/", payload: { document, version } });
const termsDue = async (token: string) => (await test.as(token)({ url: "/user/" })).json().terms_due;

describe("terms by version", () => {
  it("are agreed to by signing up, at that time", async () => {
    const { token } = await test.signUp({ username: "python01", email: "a@example.com" });
    expect(await termsDue(token)).toEqual([]);
    const agreed = new Date(test.clock.now()).toISOString();
    expect((await test.as(token)({ url: "/user/consents/" })).json()).toEqual({
      consents: expect.arrayContaining(due.map((one) => ({ ...one, agreed }))),
    });
    const { id } = (await test.as(token)({ url: "/user/" })).json();
    const { entries } = await test.app.audit.list({ limit: 10, targetId: id });
    const agreements = entries.filter(({ action }) => action === "user.consent-at-sign-up");
    expect(agreements.map(({ actor, after }) => [actor.id, after])).toEqual(
      expect.arrayContaining(due.map((one) => [id, one])),
    );
    expect(agreements).toHaveLength(due.length);
  });

  it("are due for whoever has not agreed, who logs in all the same", async () => {
    const { token } = await makePerson(test, "member01");
    expect(await termsDue(token)).toEqual(due);
    expect((await agree(token, "terms", "2026-11")).statusCode).toBe(200);
    expect(await termsDue(token)).toEqual(due.slice(1));
    expect((await agree(token, "privacy", "v2")).statusCode).toBe(200);
    expect(await termsDue(token)).toEqual([]);
  });

  it("are agreed to once: a second time alters nothing", async () => {
    const { token } = await makePerson(test, "member02");
    await agree(token, "terms", "2026-11");
    const first = (await test.as(token)({ url: "/user/consents/" })).json();
    test.clock.advance(60);
    expect((await agree(token, "terms", "2026-11")).statusCode).toBe(200);
    expect((await test.as(token)({ url: "/user/consents/" })).json()).toEqual(first);
    const { id } = (await test.as(token)({ url: "/user/" })).json();
    const { entries } = await test.app.audit.list({ limit: 10, targetId: id });
    expect(entries.map(({ action, actor, after }) => [action, actor.id, after])).toEqual([
      ["user.consent", id, { document: "terms", version: "2026-11" }],
    ]);
  });

  it.each([
    ["terms", "2026-10", 400, { version: ["条款已更新为 2026-11，请重新阅读。"] }],
    ["cookies", "1", 400, { document: [expect.any(String)] }],
  ])("%s %s can't be agreed to", async (document, version, status, body) => {
    const { token } = await makePerson(test, `member_${document}_${version.length}`);
    const answer = await agree(token, document, version);
    expect([answer.statusCode, answer.json()]).toMatchObject([status, body]);
    expect(await termsDue(token)).toEqual(due);
  });

  it("without versions say nothing, and nothing is kept", async () => {
    const other = await startTestApp();
    try {
      const { token } = await other.signUp({ username: "python01", email: "a@example.com" });
      expect((await other.as(token)({ url: "/user/" })).json()).not.toHaveProperty("terms_due");
      expect(await other.app.db.kysely.selectFrom("consents").selectAll().execute()).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it("of a new version are due again, and log-in is as it was", async () => {
    const { token } = await makePerson(test, "member05");
    await agree(token, "terms", "2026-11");
    const logIn = await test.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username: "member05", password },
    });
    expect(Object.keys(logIn.json())).toEqual(["token", "user_id", "username"]);
    const { createConsents } = await import("../../src/accounts/consents.ts");
    const later = createConsents({
      db: test.app.db,
      clock: test.clock,
      audit: test.app.audit,
      versions: { terms: "2027-01" },
    });
    expect(await later.due(logIn.json().user_id)).toEqual([{ document: "terms", version: "2027-01" }]);
  });
});

describe("terms at a first log-in by a third party", () => {
  let third: ThirdPartyTest;
  beforeAll(async () => {
    third = await startThirdPartyTest({ env: { TERMS_VERSION: "2026-11", PRIVACY_VERSION: "v2" } });
  });
  afterAll(() => third.close());

  let count = 0;
  async function first(allow: unknown) {
    const provider = ["qq", "weibo", "github", "wechat"][count % 4]!;
    const person = ["penguin", "xiaomei", "emoji"][Math.floor(count++ / 4)]!;
    const { bind_token } = await third.logIn(provider, person);
    return { provider, payload: { bind_token, ...(allow === undefined ? {} : { allow }) } };
  }
  async function dueAfter(url: string, payload: object, status: number) {
    const answer = await third.test.anonymous({ method: "POST", url, payload });
    expect(answer.statusCode, answer.body).toBe(status);
    return (await third.test.as(answer.json().token)({ url: "/user/" })).json().terms_due;
  }

  it.each(["true", true])("are agreed to with allow: %j, by their versions", async (allow) => {
    const { provider, payload } = await first(allow);
    const body = { ...payload, username: `third_${count}` };
    expect(await dueAfter(`/oauth/${provider}/account/`, body, 201)).toEqual([]);
  });

  it.each([undefined, false, "", "no"])(
    "keep nobody out who sends allow: %j, and stay due",
    async (allow) => {
      const { provider, payload } = await first(allow);
      const body = { ...payload, username: `third_${count}` };
      expect(await dueAfter(`/oauth/${provider}/account/`, body, 201)).toEqual(due);
    },
  );

  it("are agreed to as well by who binds an address, new or not", async () => {
    const { token } = await third.test.signUp({ username: "python07", email: "there@example.com" });
    await third.test.app.db.kysely.deleteFrom("consents").execute();
    expect((await third.test.as(token)({ url: "/user/" })).json().terms_due).toEqual(due);
    for (const email of ["new@example.com", "there@example.com"]) {
      third.test.clock.advance(60);
      const email_code = await third.test.codeFor(email, "bindAccount");
      const { provider, payload } = await first("true");
      const body = { ...payload, email, email_code, password };
      expect(await dueAfter(`/oauth/${provider}/user/`, body, 200)).toEqual([]);
    }
  });

  it("are not agreed to where no account comes of it", async () => {
    const { provider, payload } = await first("true");
    const body = { ...payload, username: "python07" };
    const count = async () =>
      (await third.test.app.db.kysely.selectFrom("consents").selectAll().execute()).length;
    const before = await count();
    const answer = await third.test.anonymous({
      method: "POST",
      url: `/oauth/${provider}/account/`,
      payload: body,
    });
    expect(answer.statusCode).toBe(400);
    expect(await count()).toBe(before);
  });
});
