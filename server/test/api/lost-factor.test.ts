import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cancelByLink, cancelTokenIn, elsewhere, type Loser, makeLoser } from "../support/lost-factor.ts";
import { password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A lost second factor is removed by the first one and a delay that is told on every channel; each rule of it. */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const day = 86_400;
let count = 0;
const loser = (standing = {}): Promise<Loser> => makeLoser(test, `loser${++count}`, standing);
async function asked(standing = {}): Promise<Loser> {
  const one = await loser(standing);
  const answer = await one.call("ask/");
  expect(answer.json(), answer.body).toMatchObject({ state: "asked" });
  return one;
}
const logIn = (username: string, headers = elsewhere) =>
  test.anonymous({
    ...{ method: "POST", url: "/users/authorizations/", payload: { username, password }, headers },
  });
/** Subjects of the mails to an address since the last look. */
async function toldTo(address: string): Promise<string[]> {
  await test.runJobs();
  const found = test.mailbox.filter(({ to }) => to === address).map(({ subject }) => subject);
  test.mailbox.splice(0);
  return found;
}
const audited = async (id: number) =>
  (await test.app.db.kysely.selectFrom("audit_entries").selectAll().where("target_id", "=", id).execute())
    .filter(({ action }) => action.startsWith("user.lost-factor"))
    .map(({ action, after }) => ({ action, after: JSON.parse(after) }));
const asTold = expect.stringContaining("有人申请关闭您的两步验证");
const asCancelled = expect.stringContaining("关闭两步验证的申请已取消");

beforeEach(async () => {
  await test.runJobs();
  test.mailbox.splice(0);
});

describe("from asking to the removal", () => {
  it("takes the delay and the first factor again; every session ends, the owner is told, the audit log has it", async () => {
    const one = await loser();
    const step = await one.stepOf();
    expect((await one.call("", step)).json()).toEqual({
      ...{ state: "none", refusal: null, ripe_at: null, lapses_at: null, delay_seconds: day },
    });
    expect((await one.call("finish/", step)).json().message).toContain("没有申请");
    await toldTo(one.email);
    const now = test.clock.now();
    const answer = await one.call("ask/", step);
    const times = {
      ripe_at: new Date(now + day * 1000).toISOString(),
      lapses_at: new Date(now + 8 * day * 1000).toISOString(),
    };
    expect(answer.json()).toEqual({ state: "asked", refusal: null, ...times, delay_seconds: day });
    await test.runJobs();
    const mail = test.mailbox.find(({ to }) => to === one.email)!;
    expect(mail.subject).toEqual(asTold);
    expect(mail.text).toContain("Safari · macOS");
    expect(mail.text).toContain("Somebody asked to remove your second factor");

    test.clock.advance(day - 1);
    expect((await one.call("finish/")).statusCode, "a second too early").toBe(400);
    expect((await logIn(one.username)).json().code).toBe("second_factor_required");
    expect((await one.call("finish/", step)).json().message, "the step that asked").toContain("已失效");
    test.clock.advance(1);
    expect(await one.state()).toEqual({ state: "ripe", refusal: null, ...times, delay_seconds: day });
    await toldTo(one.email);
    // As the owner's token would be, had it not been used: it would cancel.
    const session = await test.app.db.kysely
      .selectFrom("sessions")
      .selectAll()
      .where("user_id", "=", one.id)
      .execute();
    expect(session.length).toBeGreaterThan(0);
    const done = await one.call("finish/");
    expect(done.json(), done.body).toEqual({ message: "OK" });
    expect((await test.as(one.token)({ url: "/user/" })).statusCode, "every token ends").toBe(401);
    expect((await logIn(one.username)).statusCode).toBe(200);
    expect(await toldTo(one.email)).toContainEqual(expect.stringContaining("两步验证已关闭"));
    expect(await audited(one.id)).toMatchObject([
      { action: "user.lost-factor-asked" },
      { action: "user.lost-factor-removed", after: { second_factor_at: null } },
    ]);
    for (const table of ["totp_factors", "recovery_codes"] as const) {
      const rows = test.app.db.kysely.selectFrom(table).selectAll().where("user_id", "=", one.id);
      expect(await rows.execute()).toEqual([]);
    }
  });

  it("is one request at a time, however often it is asked for, and three in thirty days", async () => {
    const one = await asked();
    await toldTo(one.email);
    const first = await one.state();
    test.clock.advance(3600);
    expect((await one.call("ask/")).json()).toEqual(first);
    expect(await toldTo(one.email)).toEqual([]);
    for (let i = 0; i < 2; i++) {
      test.clock.advance(8 * day);
      expect(await one.state(), "lapsed").toMatchObject({ state: "none" });
      expect((await one.call("ask/")).statusCode).toBe(200);
    }
    test.clock.advance(8 * day);
    const fourth = await one.call("ask/");
    expect(fourth.statusCode).toBe(429);
    expect(Number(fourth.headers["retry-after"])).toBeGreaterThan(day);
    test.clock.advance(Number(fourth.headers["retry-after"]));
    expect((await one.call("ask/")).statusCode).toBe(200);
  });

  it("lapses seven days after it was ripe", async () => {
    const one = await asked();
    test.clock.advance(8 * day - 1);
    expect(await one.state()).toMatchObject({ state: "ripe" });
    test.clock.advance(1);
    expect(await one.state()).toMatchObject({ state: "none" });
    expect((await one.call("finish/")).statusCode).toBe(400);
    expect((await logIn(one.username)).statusCode).toBe(403);
  });
});

describe("cancelled", () => {
  it("by the link of the mail, without a log-in; opening it does nothing", async () => {
    const one = await asked();
    await test.runJobs();
    const token = cancelTokenIn(test, one.email);
    expect(token).not.toBe("");
    const opened = await test.anonymous({ url: "/users/second-factor/lost/cancel/", query: { token } });
    expect(opened.statusCode).toBe(405);
    expect(await one.state()).toMatchObject({ state: "asked" });
    await toldTo(one.email);
    expect((await cancelByLink(test, token)).json()).toEqual({ state: "cancelled" });
    expect((await cancelByLink(test, token)).json(), "twice").toEqual({ state: "cancelled" });
    expect(await one.state()).toMatchObject({ state: "none" });
    expect(await toldTo(one.email)).toEqual([asCancelled]);
    expect((await audited(one.id)).at(-1)).toMatchObject({ after: { cancelled_by: "link" } });
    test.clock.advance(day);
    expect((await one.call("finish/")).statusCode).toBe(400);
    const forged = `${token.split(".")[0]}.${"A".repeat(43)}`;
    for (const bad of [forged, "x", `${token}.x`])
      expect((await cancelByLink(test, bad)).statusCode).toBe(400);
  });

  it("too late where it was done, or has lapsed, and says so", async () => {
    const [one, other] = [await asked(), await asked()];
    await test.runJobs();
    const [token, otherToken] = [cancelTokenIn(test, one.email), cancelTokenIn(test, other.email)];
    test.clock.advance(day);
    expect((await one.call("finish/")).statusCode).toBe(200);
    expect((await cancelByLink(test, token)).json()).toEqual({ state: "done" });
    test.clock.advance(7 * day);
    expect((await cancelByLink(test, otherToken)).json()).toEqual({ state: "expired" });
  });

  it("by a log-in with the second factor, from wherever", async () => {
    const one = await asked();
    await toldTo(one.email);
    const payload = { step: await one.stepOf(), code: one.next() };
    const url = "/users/second-factor/";
    const answer = await test.anonymous({ method: "POST", url, payload, headers: elsewhere });
    expect(answer.statusCode, answer.body).toBe(200);
    expect(await toldTo(one.email)).toContainEqual(asCancelled);
    test.clock.advance(day);
    expect((await one.call("finish/")).statusCode).toBe(400);
  });

  it("by a session from before that is used meanwhile, and not by one that is not", async () => {
    const one = await asked();
    test.clock.advance(day / 2);
    expect(await one.state()).toMatchObject({ state: "asked" });
    expect((await test.as(one.token)({ url: "/user/" })).statusCode, "the token has ended").toBe(401);
    const other = await loser();
    const kept = { step: await other.stepOf(), code: other.next(), refresh: true };
    const url = "/users/second-factor/";
    const session = (await test.anonymous({ method: "POST", url, payload: kept, headers: elsewhere })).json();
    test.clock.advance(3600);
    await other.call("ask/");
    const renewed = await test.anonymous({
      ...{ method: "POST", url: "/user/tokens/refresh/" },
      payload: { refresh_token: session.refresh_token },
    });
    expect(renewed.statusCode).toBe(200);
    await toldTo(other.email);
    test.clock.advance(700);
    expect((await test.as(renewed.json().token)({ url: "/user/" })).statusCode).toBe(200);
    test.clock.advance(day);
    expect((await other.call("finish/")).statusCode).toBe(400);
    expect(await toldTo(other.email)).toEqual([asCancelled]);
  });

  it("by a log-in from a known device where a stranger asked, and not where a known one did", async () => {
    const one = await loser();
    const atHome = { "user-agent": "Firefox/140.0" };
    const payload = { step: await one.stepOf(atHome), code: one.next() };
    await test.anonymous({ method: "POST", url: "/users/second-factor/", payload, headers: atHome });
    expect((await one.call("ask/")).statusCode).toBe(200);
    await toldTo(one.email);
    await one.stepOf();
    expect(await one.state(), "another log-in of the stranger").toMatchObject({ state: "asked" });
    await one.stepOf(atHome);
    expect(await one.state()).toMatchObject({ state: "none" });
    expect(await toldTo(one.email)).toEqual([asCancelled]);

    const step = await one.stepOf(atHome);
    const url = "/users/second-factor/lost/ask/";
    await test.anonymous({ method: "POST", url, payload: { step }, headers: atHome });
    await one.stepOf(atHome);
    expect(await one.state()).toMatchObject({ state: "asked" });
  });

  it("by other credentials, and by another second factor", async () => {
    const one = await asked();
    const email_code = await test.codeFor(one.email, "resetpwd");
    const typed = { password, password2: password };
    const payload = { email: one.email, email_code, ...typed };
    await test.anonymous({ method: "POST", url: "/users/password/", payload });
    expect(await one.state()).toMatchObject({ state: "none", refusal: "password_reset" });

    const other = await asked();
    await test.app.db.kysely
      .updateTable("users")
      .set({ second_factor_at: test.clock.now() + 1 })
      .where("id", "=", other.id)
      .execute();
    expect(await other.state()).toMatchObject({ state: "none" });
  });
});

it("an address that was replaced within seven days is told, too, and its link cancels", async () => {
  const one = await loser();
  const changes = test.app.db.kysely.insertInto("address_changes");
  const before = { user_id: one.id, field: "email" as const, verified_before: 1 as const };
  const now = test.clock.now();
  await changes.values({ ...before, changed_at: now - 1000, value_before: "owner@example.com" }).execute();
  await changes
    .values({ ...before, changed_at: now - 8 * day * 1000, value_before: "old@example.com" })
    .execute();
  await one.call("ask/");
  await test.runJobs();
  const told = test.mailbox.filter(({ subject }) => subject.includes("有人申请关闭")).map(({ to }) => to);
  expect(told.sort()).toEqual([one.email, "owner@example.com"].sort());
  const token = cancelTokenIn(test, "owner@example.com");
  expect((await cancelByLink(test, token)).json()).toEqual({ state: "cancelled" });
});
