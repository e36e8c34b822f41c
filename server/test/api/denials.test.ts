import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** The deny list: networks, addresses and domains of mail. */
let test: TestApp;
let staff: Person;
beforeAll(async () => {
  test = await startTestApp({ env: { TRUST_PROXY: "1" } });
  const permissions = ["admission.view_denial", "admission.change_denial"];
  staff = await makePerson(test, "staffuser", { is_staff: 1, permissions });
});
afterAll(() => test.close());

const from = (address: string) => ({ "x-forwarded-for": address });
const add = (kind: string, value: string, more: object = {}) =>
  test.as(staff.token)({
    ...{ method: "POST", url: "/admin/denials/", headers: from("203.0.113.200") },
    payload: { kind, value, reason: "junk sign-ups", ...more },
  });
const list = async () => (await test.as(staff.token)({ url: "/admin/denials/" })).json().results;
const remove = (id: string) => test.as(staff.token)({ method: "DELETE", url: `/admin/denials/${id}/` });
const codeTo = (email: string) =>
  test.anonymous({ url: `/verifications/email_codes/${encodeURIComponent(email)}/?send_type=register` });

describe("a network", () => {
  it("is answered nothing from then on, in any spelling, and everything again when it is removed", async () => {
    const made = await add("network", "198.51.100.7/24");
    expect([made.statusCode, made.json().value]).toEqual([201, "198.51.100.0/24"]);
    for (const address of ["198.51.100.9", "::ffff:198.51.100.9"]) {
      const answer = await test.anonymous({
        ...{ method: "POST", url: "/users/authorizations/", headers: from(address) },
        payload: { username: "staffuser", password },
      });
      expect([answer.statusCode, answer.json().message]).toEqual([403, expect.stringContaining("网络")]);
    }
    expect((await test.anonymous({ url: "/test/", headers: from("198.51.101.9") })).statusCode).toBe(200);
    // A load balancer goes on asking whether the server lives.
    expect((await test.anonymous({ url: "/healthz", headers: from("198.51.100.9") })).statusCode).toBe(200);
    expect((await remove(made.json().id)).statusCode).toBe(204);
    expect((await test.anonymous({ url: "/test/", headers: from("198.51.100.9") })).statusCode).toBe(200);
  });

  it("can't be one's own, nor half of the world", async () => {
    for (const [value, field] of [
      ["203.0.113.0/24", "value"],
      ["0.0.0.0/0", "value"],
      ["::/0", "value"],
      ["nowhere", "value"],
    ] as const) {
      const answer = await add("network", value);
      expect([value, answer.statusCode, Object.keys(answer.json())]).toEqual([
        value,
        400,
        [field, "message"],
      ]);
    }
  });
});

describe("an address and a domain", () => {
  it("get no code to sign up with, in any spelling, below the domain, too", async () => {
    await add("domain", "@Spam.Example");
    await add("email", "Junk@Mail.Example");
    for (const email of ["a@spam.example", "a@mx.spam.example", "junk@mail.example", "JUNK@mail.example"]) {
      expect([email, (await codeTo(email)).statusCode]).toEqual([email, 400]);
    }
    expect((await codeTo("other@mail.example")).statusCode).toBe(200);
    expect((await codeTo("a@notspam.example")).statusCode).toBe(200);
  });

  it("that has an account goes on logging in", async () => {
    const person = await makePerson(test, "junkowner", { email: "owner@spam.example" });
    const answer = await test.anonymous({
      ...{ method: "POST", url: "/users/authorizations/" },
      payload: { username: "owner@spam.example", password },
    });
    expect([answer.statusCode, answer.json().user_id]).toEqual([200, person.id]);
  });
});

it("ends by itself, takes another reason in the place of the one before, and is in the audit log", async () => {
  const until = new Date(test.clock.now() + 3600_000).toISOString();
  await add("domain", "brief.example", { until });
  await add("domain", "brief.example", { until, reason: "a better reason" });
  const mine = (await list()).filter(({ value }: { value: string }) => value === "brief.example");
  expect(mine).toMatchObject([{ reason: "a better reason", by: "staffuser", until }]);
  expect((await codeTo("a@brief.example")).statusCode).toBe(400);
  test.clock.advance(3601);
  expect((await codeTo("a@brief.example")).statusCode).toBe(200);
  expect((await test.app.maintenance.run()).denials).toBe(1);
  const { entries } = await test.app.audit.list({ limit: 20 });
  expect(entries.map(({ action }) => action)).toContain("denial.add");
});

it("of an address ends within two years, which adding it again renews; what was refused for good by a version before, too", async () => {
  const day = 24 * 3600;
  const inDays = (days: number) => new Date(test.clock.now() + days * day * 1000).toISOString();
  const ofAbuser = async () => {
    const rows: { value: string; until: string }[] = await list();
    return rows.find(({ value }) => value === "a***@mail.example")?.until;
  };
  staff.token = await tokenOf(test, "staffuser");
  expect((await add("email", "abuser@mail.example", { until: inDays(731) })).json().until).toEqual([
    "邮箱最多拒绝两年，请填写两年之内的期限；再次加入即可延长。",
  ]);
  await add("email", "abuser@mail.example");
  expect(await ofAbuser()).toBe(inDays(730));
  test.clock.advance(100 * day);
  staff.token = await tokenOf(test, "staffuser");
  await add("email", "abuser@mail.example", { until: inDays(700) });
  expect(await ofAbuser()).toBe(inDays(700));
  const { kysely } = test.app.db;
  await kysely
    .updateTable("denials")
    .set({ ends_at: null, created_at: test.clock.now() - 730 * day * 1000 })
    .where("shown", "=", "a***@mail.example")
    .execute();
  expect((await test.app.maintenance.run()).denials).toBe(1);
  expect(await ofAbuser()).toBeUndefined();
});

it("is read again by another process within its five seconds", async () => {
  const elsewhere = {
    id: "elsewhere",
    kind: "domain" as const,
    value: "later.example",
    reason: "junk sign-ups",
  };
  const row = {
    ...elsewhere,
    shown: elsewhere.value,
    made_by: "console",
    created_at: test.clock.now(),
    ends_at: null,
  };
  await test.app.db.kysely.insertInto("denials").values(row).execute();
  await expect.poll(async () => (await codeTo("a@later.example")).statusCode, { timeout: 15_000 }).toBe(400);
});
