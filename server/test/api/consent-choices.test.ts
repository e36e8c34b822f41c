import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsentChoices } from "../../src/accounts/consent-choices.ts";
import { auditLineOf } from "../../src/audit/audit-line.ts";
import { makePerson, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What nobody has to agree to: never given unasked, with version and time, withdrawn as easily. */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { MARKETING_CONSENT_VERSION: "2026-11" } });
});
afterAll(() => test.close());

const url = "/user/consents/marketing/";
const give = (token: string, version = "2026-11") =>
  test.as(token)({ method: "PUT", url, payload: { version } });
const withdraw = (token: string) => test.as(token)({ method: "DELETE", url });
const standing = async (token: string) => (await test.as(token)({ url: "/user/consents/" })).json().optional;
const rows = (userId: number) =>
  test.app.db.kysely
    .selectFrom("consent_choices")
    .select(["version", "given", "chosen_at"])
    .where("user_id", "=", userId)
    .orderBy("chosen_at")
    .execute();
const nothing = {
  purpose: "marketing",
  version: "2026-11",
  given: false,
  chosen: null,
  chosen_version: null,
};
const now = () => new Date(test.clock.now()).toISOString();

describe("consent to marketing", () => {
  it("is nobody's by signing up, whatever they agree to there", async () => {
    const { id, token } = await test.signUp({ username: "python01", email: "a@example.com" });
    expect([await standing(token), await rows(id)]).toEqual([[nothing], []]);
  });

  it("is theirs who tick the box of their own, at that time", async () => {
    const email = "b@example.com";
    const payload = { username: "python02", email, password: "12345678aA", password2: "12345678aA" };
    const sent = { ...payload, allow: "true", marketing: true, email_code: await test.codeFor(email) };
    const answer = await test.anonymous({ method: "POST", url: "/users/", payload: sent });
    expect(answer.statusCode, answer.body).toBe(201);
    expect(await standing(answer.json().token)).toEqual([
      { ...nothing, given: true, chosen: now(), chosen_version: "2026-11" },
    ]);
  });

  it("is given and withdrawn by one call each, any number of times over; each is kept", async () => {
    const { id, token } = await makePerson(test, "chooser1");
    for (const call of [give, give, withdraw, withdraw, give]) {
      expect((await call(token)).statusCode).toBe(200);
    }
    expect((await rows(id)).map(({ given }) => Number(given))).toEqual([1, 0, 1]);
    expect((await standing(token))[0].given).toBe(true);
  });

  it("needs the present version, and a purpose that there is", async () => {
    const { id, token } = await makePerson(test, "chooser2");
    const stale = await give(token, "2025-01");
    expect([stale.statusCode, Object.keys(stale.json())]).toEqual([400, ["version", "message"]]);
    const other = await test.as(token)({
      ...{ method: "PUT", url: "/user/consents/tracking/", payload: { version: "2026-11" } },
    });
    expect(other.statusCode).toBe(400);
    expect(await rows(id)).toEqual([]);
  });

  it("to an earlier version counts no longer, and withdrawing it works all the same", async () => {
    const { id, token } = await makePerson(test, "chooser3");
    await give(token);
    const later = createConsentChoices({
      ...{ db: test.app.db, clock: test.clock, audit: test.app.audit },
      versions: { marketing: "2027-01" },
    });
    expect(await later.list(id)).toMatchObject([
      { given: false, version: "2027-01", chosenVersion: "2026-11" },
    ]);
    await later.withdraw(id, "marketing");
    expect((await rows(id)).map(({ version, given }) => [version, Number(given)])).toEqual([
      ["2026-11", 1],
      ["2027-01", 0],
    ]);
  });

  it("changed without end is refused, but never its withdrawal", async () => {
    const { token } = await makePerson(test, "chooser4");
    let answer = await give(token);
    for (let round = 0; answer.statusCode === 200 && round < 50; round++) {
      expect((await withdraw(token)).statusCode).toBe(200);
      answer = await give(token);
    }
    expect([answer.statusCode, Number(answer.headers["retry-after"]) > 0]).toEqual([429, true]);
    expect((await withdraw(token)).statusCode).toBe(200);
    test.clock.advance(24 * 3600 + 1);
    expect((await give(await tokenOf(test, "chooser4"))).statusCode).toBe(200);
  });

  it("is in the audit log each time, and nothing of the choice is masked outside", async () => {
    const { id, token } = await makePerson(test, "chooser8");
    for (const call of [give, give, withdraw]) await call(token);
    const { entries } = await test.app.audit.list({ limit: 10, targetId: id, action: "user.consent" });
    const said = { purpose: "marketing", version: "2026-11" };
    expect(entries.toReversed().map((entry) => [entry.actor.id, auditLineOf(entry).after])).toEqual([
      [id, { ...said, is_given: true }],
      [id, { ...said, is_given: false }],
    ]);
  });

  it("is told to staff", async () => {
    const root = await makePerson(test, "chooseroot", { is_superuser: 1 });
    const { id, token } = await makePerson(test, "chooser5");
    await give(token);
    const shown = (await test.as(root.token)({ url: `/admin/users/${id}/` })).json();
    expect([shown.consents, "age" in shown]).toEqual([{ marketing: true }, false]);
  });

  it("is told to programs that keep it, each change of mind with the version that staff then read; by ids alone", async () => {
    const root = await makePerson(test, "chooseroot2", { is_superuser: 1 });
    const { id, token } = await makePerson(test, "chooser7");
    const operator = { id: null, name: "op (manage)", requestId: null };
    const events = ["user.updated"];
    const { endpoint } = await test.app.webhooks.add(operator, { url: "https://crm.example/in", events });
    const versions: number[] = [];
    for (const call of [give, give, withdraw, withdraw]) {
      expect((await call(token)).statusCode).toBe(200);
      versions.push((await test.as(root.token)({ url: `/admin/users/${id}/` })).json().version);
    }
    const told = await test.app.webhooks.deliveries(endpoint.id, { limit: 10 });
    // What was said already is no news.
    expect(versions).toEqual([versions[0], versions[0], versions[2], versions[2]]);
    expect(versions[2]).toBeGreaterThan(versions[0]!);
    const data = told.map(({ body }) => JSON.parse(body).data).reverse();
    expect(data).toEqual([versions[0], versions[2]].map((version) => ({ user_id: id, version })));
    await test.app.webhooks.remove(operator, endpoint.id);
  });
});

it("where the site asks nothing, there is nothing to give", async () => {
  const other = await startTestApp();
  try {
    const { token } = await makePerson(other, "chooser6");
    const call = other.as(token);
    expect((await call({ method: "PUT", url, payload: { version: "2026-11" } })).statusCode).toBe(404);
    expect((await call({ method: "DELETE", url })).statusCode).toBe(404);
    expect((await call({ url: "/user/consents/" })).json()).toEqual({ consents: [] });
  } finally {
    await other.close();
  }
});
