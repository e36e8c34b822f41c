import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** AGE_GATE: where the site asks, nobody makes an account without saying that they are 14 or that a guardian agrees. */
const env = { CODE_SIGN_IN: "email" };
let third: ThirdPartyTest;
let refusing: TestApp;
beforeAll(async () => {
  third = await startThirdPartyTest({ env: { ...env, AGE_GATE: "guardian" } });
  refusing = await startTestApp({ env: { AGE_GATE: "refuse" } });
});
afterAll(async () => {
  await third.close();
  await refusing.close();
});

const password = "12345678aA";
let count = 0;
async function signUp(test: TestApp, over: object) {
  const name = `reader${++count}`;
  const email = `${name}@example.com`;
  const email_code = await test.codeFor(email);
  const form = { username: name, email, email_code, password, password2: password, allow: "true" };
  return test.anonymous({ method: "POST", url: "/users/", payload: { ...form, ...over } });
}
const kept = (test: TestApp, userId: number) =>
  test.app.db.kysely
    .selectFrom("age_declarations")
    .select(["declared", "guardian_contact", "declared_at"])
    .where("user_id", "=", userId)
    .orderBy("declared_at")
    .execute();
const child = { age_declared: "guardian_agrees", guardian_contact: " parent@example.com " };

describe("signing up where the site asks", () => {
  it("says nothing of age: refused, in a form that the tutorial's pages show", async () => {
    const answer = await signUp(third.test, {});
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      {
        age_declared: ["请确认已满 14 周岁，或已取得监护人同意。"],
        message: "请确认已满 14 周岁，或已取得监护人同意。",
      },
    ]);
  });

  it.each([
    [{ age_declared: "14_or_older" }, "14_or_older", null],
    [child, "guardian_agrees", "parent@example.com"],
    [{ ...child, guardian_contact: "13900000001" }, "guardian_agrees", "13900000001"],
    // What is sent beside it and not asked for is not kept.
    [{ age_declared: "14_or_older", guardian_contact: "parent@example.com" }, "14_or_older", null],
  ])("%j is kept with its time", async (sent, declared, guardian_contact) => {
    const answer = await signUp(third.test, sent);
    expect(answer.statusCode, answer.body).toBe(201);
    const declared_at = third.test.clock.now();
    expect(await kept(third.test, answer.json().id)).toEqual([{ declared, guardian_contact, declared_at }]);
    const own = await third.test.as(answer.json().token)({ url: "/user/" });
    expect(own.json().age_due).toBe(false);
  });

  it.each([
    [{ age_declared: "guardian_agrees" }, "guardian_contact"],
    [{ ...child, guardian_contact: " " }, "guardian_contact"],
    [{ ...child, guardian_contact: "my mother" }, "guardian_contact"],
    [{ age_declared: "12" }, "age_declared"],
    [{ age_declared: true }, "age_declared"],
  ])("%j is refused", async (sent, field) => {
    const answer = await signUp(third.test, sent);
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, [field, "message"]]);
  });

  it("refuses every child where there is no place for them", async () => {
    const answer = await signUp(refusing, child);
    expect([answer.statusCode, answer.json().age_declared]).toEqual([
      400,
      ["本站不向未满 14 周岁的人提供账号。"],
    ]);
    expect((await signUp(refusing, { age_declared: "14_or_older" })).statusCode).toBe(201);
  });
});

describe("every other way to an account asks, too", () => {
  const post = (url: string, payload: object) => third.test.anonymous({ method: "POST", url, payload });

  it("a first log-in by a third party", async () => {
    const { bind_token } = await third.logIn("qq", "penguin");
    const url = "/oauth/qq/account/";
    const refused = await post(url, { bind_token, username: "penguin01" });
    expect([refused.statusCode, Object.keys(refused.json())]).toContainEqual(400);
    expect(refused.json().age_declared).toBeDefined();
    const made = await post(url, { bind_token, username: "penguin01", ...child });
    expect(made.statusCode, made.body).toBe(201);
    expect(await kept(third.test, made.json().id)).toHaveLength(1);
  });

  it("a third party with an address of nobody's; an account that is there is bound without", async () => {
    const email = "bound@example.com";
    const bind = async (person: string, over: object) => {
      third.test.clock.advance(60);
      const email_code = await third.test.codeFor(email, "bindAccount");
      const { bind_token } = await third.logIn("weibo", person);
      return post("/oauth/weibo/user/", { bind_token, email, email_code, password, ...over });
    };
    const refused = await bind("penguin", {});
    expect(refused.json().age_declared, refused.body).toBeDefined();
    expect((await bind("penguin", { age_declared: "14_or_older" })).statusCode).toBe(200);
    expect((await bind("xiaomei", {})).statusCode).toBe(200);
  });

  it("a code in place of a password, which stays good", async () => {
    const email = "coded@example.com";
    const email_code = await third.test.codeFor(email, "signIn");
    const form = { email, email_code, allow: true, username: "coded001" };
    const refused = await post("/users/codes/sign-in/", form);
    expect(refused.json().age_declared, refused.body).toBeDefined();
    expect((await post("/users/codes/sign-in/", { ...form, age_declared: "14_or_older" })).statusCode).toBe(
      201,
    );
  });
});

describe("an account that is there", () => {
  const declare = (token: string, payload: object) =>
    third.test.as(token)({ method: "POST", url: "/user/age/", payload });

  it("is asked, kept out of nothing, and says it once; a child that grew up says the other later", async () => {
    const { id, token } = await makePerson(third.test, "elder001");
    const due = async () => (await third.test.as(token)({ url: "/user/" })).json().age_due;
    expect(await due()).toBe(true);
    expect((await declare(token, { age_declared: "guardian_agrees" })).statusCode).toBe(400);
    expect(await due()).toBe(true);
    expect((await declare(token, child)).statusCode).toBe(200);
    expect(await due()).toBe(false);
    third.test.clock.advance(60);
    expect((await declare(token, { ...child, guardian_contact: "other@example.com" })).statusCode).toBe(200);
    expect((await declare(token, { age_declared: "14_or_older" })).statusCode).toBe(200);
    expect((await kept(third.test, id)).map((one) => [one.declared, one.guardian_contact])).toEqual([
      ["guardian_agrees", "parent@example.com"],
      ["14_or_older", null],
    ]);
    const root = await makePerson(third.test, "ageroot1", { is_superuser: 1 });
    expect((await third.test.as(root.token)({ url: `/admin/users/${id}/` })).json().age).toEqual({
      ...{ declared: "14_or_older", guardian_contact: null },
    });
  });

  it("is told to programs that keep it, once, with the version that staff then read", async () => {
    const { test } = third;
    const root = await makePerson(test, "ageroot2", { is_superuser: 1 });
    const { id, token } = await makePerson(test, "elder003");
    const operator = { id: null, name: "op (manage)", requestId: null };
    const events = ["user.updated"];
    const { endpoint } = await test.app.webhooks.add(operator, { url: "https://crm.example/in", events });
    for (const _ of [1, 2]) expect((await declare(token, child)).statusCode).toBe(200);
    const told = await test.app.webhooks.deliveries(endpoint.id, { limit: 10 });
    const { version } = (await test.as(root.token)({ url: `/admin/users/${id}/` })).json();
    expect(told.map(({ body }) => JSON.parse(body).data)).toEqual([{ user_id: id, version }]);
    const { entries } = await test.app.audit.list({ limit: 10, targetId: id, action: "user.age" });
    expect(entries.map(({ after }) => after)).toEqual([{ declared: "guardian_agrees" }]);
    await test.app.webhooks.remove(operator, endpoint.id);
  });

  it("of a child is not taken where there is no place for children", async () => {
    const { token } = await makePerson(refusing, "elder002");
    const answer = await refusing.as(token)({ method: "POST", url: "/user/age/", payload: child });
    expect(answer.statusCode).toBe(400);
  });
});

it("where nothing is asked, nothing is kept of it", async () => {
  const other = await startTestApp();
  try {
    const answer = await signUp(other, child);
    expect(answer.statusCode).toBe(201);
    expect(await kept(other, answer.json().id)).toEqual([]);
    expect((await other.as(answer.json().token)({ url: "/user/" })).json()).not.toHaveProperty("age_due");
  } finally {
    await other.close();
  }
});
