import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../src/django/sources/import-report.ts";
import { runImport } from "../support/django-import.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** The original's accounts, imported into the running application and met as people meet it: through HTTP. */
const vectors = new URL("../vectors/import/", import.meta.url).pathname;
interface KnownUser {
  username: string;
  email_as_given: string;
  password: string | null;
  mobile: string;
  is_active?: boolean;
}
const { users } = JSON.parse(readFileSync(join(vectors, "ground-truth.json"), "utf8")) as {
  users: KnownUser[];
};
const passwordOf = (username: string) => users.find((user) => user.username === username)!.password!;

let server: TestApp;
let findings: Finding[];
beforeAll(async () => {
  server = await startTestApp();
  ({ findings } = await runImport(server.app.db, join(vectors, "original-database.sqlite3")));
});
afterAll(() => server.close());

const logIn = (username: string, password: string) =>
  server.anonymous({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username, password },
  });

describe("who is known logs in", () => {
  test.each(users.filter(({ password }) => password !== null))("$username", async (user) => {
    const said = findings.filter(({ table, name }) => table === "users" && name === user.username);
    const kinds = new Set(said.map(({ kind }) => kind));
    const names = [
      [user.username, true],
      [user.email_as_given, !kinds.has("duplicate_email")],
      [user.mobile, true],
    ] as const;
    for (const [name, isTheirs] of names) {
      if (name === "") continue;
      const answer = await logIn(name, user.password!);
      // Every log-in that fails is one that the report explains.
      const expected = isTheirs && !kinds.has("disabled_account");
      expect([name, answer.statusCode]).toEqual([name, expected ? 200 : 400]);
      if (!expected) expect(answer.json()).toHaveProperty("non_field_errors");
      else {
        const me = await server.as(answer.json().token)({ url: "/user/" });
        expect(me.json()).toMatchObject({ username: user.username, mobile: user.mobile || null });
      }
      expect((await logIn(name, `${user.password}x`)).statusCode).toBe(400);
    }
  });

  test("whoever doesn't is named by the report, with the reason, and nobody else is", () => {
    const reasons = findings.filter(({ kind }) => ["disabled_account", "unusable_password"].includes(kind));
    expect(reasons.map(({ kind, name }) => [kind, name])).toEqual([
      ["disabled_account", "disabled1"],
      ["unusable_password", "unusable"],
    ]);
    const silent = users.filter((user) => user.is_active === false || user.password === null);
    expect(silent.map(({ username }) => username)).toEqual(reasons.map(({ name }) => name));
  });
});

describe("an address that two imported accounts have", () => {
  const address = "dup@qq.com";
  const confirm = async (token: string, code: string, current_password: string) =>
    server.as(token)({
      method: "PUT",
      url: "/user/email/",
      payload: { email: address, email_code: code, current_password },
    });

  test("is nobody's, then whoever's first proves it, and no longer the other's to take", async () => {
    const [first, second] = ["dupmail1", "dupmail2"] as const;
    const tokens = new Map<string, string>();
    for (const name of [first, second]) {
      const { token } = (await logIn(name, passwordOf(name))).json();
      tokens.set(name, token);
      expect((await server.as(token)({ url: "/user/" })).json()).toMatchObject({
        email: address,
        email_active: false,
      });
      expect((await logIn(address, passwordOf(name))).statusCode).toBe(400);
    }

    const code = await server.codeFor(address, "changeEmail", tokens.get(first));
    const wrong = await confirm(tokens.get(second)!, code, "not the password");
    expect([wrong.statusCode, Object.keys(wrong.json())]).toEqual([
      400,
      expect.arrayContaining(["current_password"]),
    ]);
    const mailsBefore = server.mailbox.length;
    const done = await confirm(tokens.get(second)!, code, passwordOf(second));
    expect([done.statusCode, done.json().email_active]).toEqual([200, true]);
    await server.runJobs();
    // It was not changed, so nobody is told that it was.
    expect(server.mailbox).toHaveLength(mailsBefore);

    expect((await logIn(address, passwordOf(second))).json()).toMatchObject({ username: second });
    expect((await logIn(address, passwordOf(first))).statusCode).toBe(400);
    expect((await confirm(tokens.get(first)!, code, passwordOf(first))).statusCode).toBe(400);
    server.clock.advance(61);
    const again = await server.codeFor(address, "changeEmail", tokens.get(first));
    const late = await confirm(tokens.get(first)!, again, passwordOf(first));
    expect([late.statusCode, late.json().email]).toEqual([400, ["该邮箱已被注册。"]]);
    expect((await logIn(address, passwordOf(second))).json()).toMatchObject({ username: second });
    expect((await logIn(first, passwordOf(first))).statusCode).toBe(200);
  });

  test("what happens to the other account is not mailed to it any more", async () => {
    const { token } = (await logIn("dupmail1", passwordOf("dupmail1"))).json();
    const before = server.mailbox.length;
    const password = "a wholly new secret";
    const changed = await server.as(token)({
      method: "PUT",
      url: "/user/password/",
      payload: { current_password: passwordOf("dupmail1"), password, password2: password },
    });
    expect(changed.statusCode).toBe(200);
    await server.runJobs();
    expect(server.mailbox).toHaveLength(before);
  });
});

test("a number that two imported accounts have is whoever's first gives it again with the password", async () => {
  const { kysely } = server.app.db;
  const mobile = "13700000000";
  await kysely.deleteFrom("login_names").where("name_key", "in", ["13800000001", "13800000002"]).execute();
  await kysely.updateTable("users").set({ mobile }).where("id", "in", [1, 2]).execute();
  const [first, second] = ["python01", "全民python"] as const;
  const give = async (name: string, current_password?: string) => {
    const { token } = (await logIn(name, passwordOf(name))).json();
    return server.as(token)({ method: "PATCH", url: "/user/", payload: { mobile, current_password } });
  };
  expect((await logIn(mobile, passwordOf(first))).statusCode).toBe(400);
  // As a form does that sends back everything it showed.
  expect((await give(first)).statusCode).toBe(200);
  expect((await logIn(mobile, passwordOf(first))).statusCode).toBe(400);
  expect((await give(first, "not the password")).statusCode).toBe(400);
  expect((await give(first, passwordOf(first))).json()).toMatchObject({ mobile });
  expect((await logIn(mobile, passwordOf(first))).json()).toMatchObject({ username: first });
  const late = await give(second, passwordOf(second));
  expect([late.statusCode, Object.keys(late.json())]).toEqual([400, expect.arrayContaining(["mobile"])]);
  expect((await give(second)).json()).toMatchObject({ mobile });
  expect((await logIn(mobile, passwordOf(second))).statusCode).toBe(400);
});
