import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CookiePage, openPage, sessionCookieOf, shop } from "../support/cookie-page.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
let page: CookiePage;
beforeEach(async () => {
  test = await startTestApp({ env: shop });
  await makePerson(test, "python01", { email: "44@qq.com" });
  page = openPage(test);
  await page.logIn("python01", { refresh: true });
});
afterEach(() => test.close());

const name = "__Host-meiduo_session";
const show = async (value: string) => {
  const other = openPage(test);
  other.cookies.set(name, value);
  return other.call({ url: "/user/" });
};
const numberOf = (value: string | undefined) => Number(value?.split(".")[1]);

describe("a session's cookie", () => {
  it("is renewed by use once it is a quarter of an hour old, and is the same session's", async () => {
    const first = page.session()!;
    test.clock.advance(899);
    expect(sessionCookieOf(await page.call({ url: "/user/" }))).toBeUndefined();
    test.clock.advance(1);
    const renewed = sessionCookieOf(await page.call({ url: "/user/" }))!;
    expect(renewed).toMatch(/; HttpOnly; SameSite=Strict; Secure; Max-Age=2591100$/);
    expect(numberOf(page.session())).toBe(1);
    expect(page.session()!.split(".")[0]).toBe(first.split(".")[0]);
    expect(sessionCookieOf(await page.call({ url: "/user/" }))).toBeUndefined();
  });

  it("is renewed by an open endpoint's answer, too, and by a refused one's", async () => {
    test.clock.advance(900);
    const open = await page.call({ url: "/users/usernames/x1234/count/" });
    expect(numberOf(page.session())).toBe(1);
    expect(open.statusCode).toBe(200);
    await page.call({ url: "/user/" });
    test.clock.advance(900);
    expect((await page.call({ url: "/admin/users/" })).statusCode).toBe(403);
    expect(numberOf(page.session())).toBe(2);
  });

  it("whose answers were lost goes on for ever, and is offered the same next one", async () => {
    const first = page.session()!;
    const offered = new Set<string | undefined>();
    for (let days = 0; days < 20; days++) {
      test.clock.advance(86_400);
      const answer = await show(first);
      expect(answer.statusCode).toBe(200);
      offered.add(sessionCookieOf(answer)?.split(";")[0]);
    }
    expect([...offered]).toHaveLength(1);
  });

  it("is let in beside its successor for a request that was late, and for a tab that has not heard", async () => {
    const first = page.session()!;
    test.clock.advance(900);
    await page.call({ url: "/user/" });
    expect(await page.status()).toBe(200);
    test.clock.advance(30);
    const late = await show(first);
    expect(late.statusCode).toBe(200);
    expect(sessionCookieOf(late)).toContain(page.session());
    expect(await page.status()).toBe(200);
  });

  it("is good again where a crash lost its successor before that was written down", async () => {
    const first = page.session()!;
    test.clock.advance(900);
    await page.call({ url: "/user/" });
    const lost = page.session()!;
    expect(await page.status()).toBe(200);
    page.cookies.set(name, first);
    test.clock.advance(3600);
    expect(await page.status()).toBe(200);
    expect(page.session()).toBe(lost);
    expect(await page.status()).toBe(200);
  });

  it("that was replaced for good ends the session, tells its owner once and is in the audit log", async () => {
    const stolen = page.session()!;
    const other = openPage(test);
    await other.logIn();
    test.clock.advance(900);
    await page.call({ url: "/user/" });
    await page.call({ url: "/user/" });
    test.clock.advance(60);
    expect(await page.status()).toBe(200);
    for (const value of [stolen, stolen, page.session()!]) {
      const answer = await show(value);
      expect(answer.statusCode).toBe(401);
      expect(sessionCookieOf(answer)).toContain("Max-Age=0");
    }
    expect(await other.status()).toBe(200);
    await test.runJobs();
    const told = test.mailbox.filter(({ to, subject }) => to === "44@qq.com" && subject.includes("已被结束"));
    expect(told).toHaveLength(1);
    const entries = await test.app.db.kysely
      .selectFrom("audit_entries")
      .selectAll()
      .where("action", "=", "session.replayed")
      .execute();
    expect(entries).toHaveLength(1);
  });

  it("two steps behind ends it at once, settled or not", async () => {
    const stolen = page.session()!;
    for (let step = 0; step < 2; step++) {
      test.clock.advance(900);
      await page.call({ url: "/user/" });
      await page.call({ url: "/user/" });
    }
    expect((await show(stolen)).statusCode).toBe(401);
    expect(await page.status()).toBe(401);
  });

  it("of a number that a failover forgot is good, and the older ones are not", async () => {
    for (let step = 0; step < 3; step++) {
      test.clock.advance(900);
      await page.call({ url: "/user/" });
      await page.call({ url: "/user/" });
    }
    await test.app.db.kysely
      .updateTable("sessions")
      .set({ counter: 0, rotations: "" })
      .where("id", "=", page.session()!.split(".")[0]!)
      .execute();
    expect(await page.status()).toBe(200);
    expect(numberOf(page.session())).toBe(3);
    test.clock.advance(900);
    expect(await page.status()).toBe(200);
    expect(numberOf(page.session())).toBe(4);
  });

  it("has the limits of who the account is by now with its next renewal", async () => {
    await test.app.db.kysely
      .updateTable("users")
      .set({ is_staff: 1 })
      .where("username", "=", "python01")
      .execute();
    test.clock.advance(900);
    const renewed = sessionCookieOf(await page.call({ url: "/user/" }));
    expect(renewed).toContain(`Max-Age=${12 * 3600 - 900}`);
    expect(await page.status()).toBe(200);
    test.clock.advance(1800);
    expect(await page.status()).toBe(401);
  });

  it("is answered all the same where its successor can't be noted", async () => {
    const { db } = test.app;
    test.clock.advance(900);
    await page.call({ url: "/user/" });
    const refusal =
      db.engine === "sqlite"
        ? sql`CREATE TRIGGER refused BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'disk full'); END`
        : sql`ALTER TABLE sessions ADD CONSTRAINT refused CHECK (counter < 0) NOT VALID`;
    await refusal.execute(db.kysely);
    expect(await page.status()).toBe(200);
    expect(await page.status()).toBe(200);
  });
});
