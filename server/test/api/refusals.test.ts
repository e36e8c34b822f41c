import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createRefusals } from "../../src/sign-in/refusals.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
let verdict: "allow" | "refuse" | "fail" = "allow";
beforeAll(async () => {
  test = await startTestApp({
    env: { TRUST_PROXY: "loopback", LOGIN_FAILURE_LIMIT: "10" },
    hooks: {
      beforeSession() {
        if (verdict === "fail") throw new Error("down");
        return verdict === "allow" ? { allow: true } : { allow: false, message: "no" };
      },
    },
  });
});
afterAll(() => test.close());

const logIn = (username: string, given = "wrong-password-1", from = "203.0.113.77") =>
  test.anonymous({
    ...{ method: "POST", url: "/users/authorizations/", payload: { username, password: given } },
    headers: { "x-forwarded-for": from },
  });
const list = (id: number) =>
  createRefusals({ db: test.app.db, clock: test.clock, log: { warn: () => {} } as never }).list(id);
/** They are written some seconds after the answer. */
const written = (id: number, reasons: readonly string[]) =>
  vi.waitFor(async () => expect((await list(id)).map(({ reason }) => reason)).toEqual(reasons), {
    timeout: 60_000,
    interval: 100,
  });

describe("the last refused log-ins of an account", () => {
  it("say why, when, how often, and from which network without its last part", async () => {
    const { id } = await makePerson(test, "python01", { email: "44@qq.com" });
    for (const name of ["python01", "44@qq.com"]) expect((await logIn(name)).statusCode).toBe(400);
    await written(id, ["wrong_password"]);
    const refused_at = test.clock.now();
    expect(await list(id)).toEqual([
      { reason: "wrong_password", network: "203.0.113.*", refused_at, times: 2 },
    ]);
    test.clock.advance(60);
    await logIn("python01", "wrong-password-1", "2001:db8:1:2:3::4");
    await written(id, ["wrong_password", "wrong_password"]);
    expect((await list(id))[0]).toMatchObject({ network: "2001:db8:1::/48", times: 1 });
  });

  it("tell a disabled account, one without a password, limits and hooks apart, though the answers don't", async () => {
    const disabled = await makePerson(test, "disabled01", { is_active: 0 });
    const bare = await makePerson(test, "without01");
    await test.app.db.kysely
      .updateTable("users")
      .set({ password_hash: "!" })
      .where("id", "=", bare.id)
      .execute();
    const hooked = await makePerson(test, "hooked001");
    for (const name of ["disabled01", "without01"])
      expect((await logIn(name, password)).statusCode).toBe(400);
    await written(disabled.id, ["disabled"]);
    await written(bare.id, ["no_password"]);
    for (const [wanted, reason] of [
      ["refuse", "hook_refused"],
      ["fail", "hook_failed"],
    ] as const) {
      verdict = wanted;
      expect((await logIn("hooked001", password)).statusCode).toBeGreaterThanOrEqual(400);
      verdict = "allow";
      await vi.waitFor(
        async () => expect((await list(hooked.id)).map((one) => one.reason)).toContain(reason),
        {
          timeout: 60_000,
        },
      );
    }
    const limited = await makePerson(test, "limited01");
    let status = 0;
    for (let tries = 0; tries < 40 && status !== 429; tries++) {
      status = (await logIn("limited01", "wrong-password-1", `198.51.${tries}.1`)).statusCode;
    }
    expect(status).toBe(429);
    await vi.waitFor(
      async () => expect((await list(limited.id)).map((one) => one.reason)).toContain("throttled"),
      { timeout: 60_000 },
    );
  });

  it("have nothing of what was typed, nor of a name without an account", async () => {
    await logIn("nobody01", "secret-password-9");
    const { id } = await makePerson(test, "somebody01");
    await logIn("somebody01", "secret-password-9");
    await written(id, ["wrong_password"]);
    const rows = await test.app.db.kysely.selectFrom("log_in_refusals").selectAll().execute();
    expect(JSON.stringify(rows)).not.toMatch(/nobody01|somebody01|secret-password|203\.0\.113\.77/);
    const users = await test.app.db.kysely.selectFrom("users").select("id").execute();
    const ids = new Set(users.map((user) => user.id));
    expect(rows.filter(({ user_id }) => !ids.has(user_id))).toEqual([]);
  });

  it("are the newest ten, gathered into one write, and go after thirty days", async () => {
    const { id } = await makePerson(test, "manynets01");
    const refusals = createRefusals({ db: test.app.db, clock: test.clock, log: { warn: () => {} } as never });
    for (let n = 0; n < 14; n++) {
      test.clock.advance(1);
      for (let times = 0; times < 3; times++) refusals.note(id, "wrong_password", `10.0.${n}.${times}`);
    }
    expect(await list(id)).toEqual([]);
    await refusals.close();
    const found = await list(id);
    expect(found.map(({ network }) => network)).toEqual(
      Array.from({ length: 10 }, (_, n) => `10.0.${13 - n}.*`),
    );
    expect(found.every(({ times }) => times === 3)).toBe(true);
    expect(await refusals.purge(100)).toBe(0);
    test.clock.advance(30 * 86_400 + 1);
    expect(await refusals.purge(100)).toBeGreaterThanOrEqual(10);
    expect(await list(id)).toEqual([]);
  });

  it("fill no memory, from however many networks they come", async () => {
    const { id } = await makePerson(test, "flooded01");
    const refusals = createRefusals({ db: test.app.db, clock: test.clock, log: { warn: () => {} } as never });
    for (let n = 0; n < 700; n++) {
      test.clock.advance(1);
      refusals.note(id, "wrong_password", `10.${Math.floor(n / 200)}.${n % 200}.1`);
    }
    await refusals.close();
    const newest = (await list(id)).map(({ network }) => network);
    expect(newest).toHaveLength(10);
    expect(newest[0]).toBe("10.2.99.*");
  });
});
