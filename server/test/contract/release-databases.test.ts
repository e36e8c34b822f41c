import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { releasePassword, releaseSecretKey } from "../../../scripts/release-database.ts";
import { dataFolder } from "../support/product-process.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** The database of every release, as scripts/release-database.ts made it there, under the present program. */
const databases = fileURLToPath(new URL("../fixtures/databases/", import.meta.url));
/** In the order of their versions: 0.10.0 comes after 0.9.0. */
const files = readdirSync(databases).sort(new Intl.Collator("en", { numeric: true }).compare);

test("each has the commit of its program, which release/rollback.test.ts runs", () => {
  const releases = JSON.parse(readFileSync(join(databases, "../releases.json"), "utf8")) as Record<
    string,
    string
  >;
  expect(Object.keys(releases).map((version) => `${version}.sqlite3`)).toEqual(files);
  expect(Object.values(releases)).toEqual(
    Object.values(releases).map(() => expect.stringMatching(/^[0-9a-f]{40}$/)),
  );
});

describe.each(files)("%s", (name) => {
  const folder = dataFolder();
  let app: TestApp;
  beforeAll(async () => {
    const file = join(folder.path, name);
    copyFileSync(join(databases, name), file);
    app = await startTestApp({ env: { DATABASE_URL: `sqlite:${file}`, SECRET_KEY: releaseSecretKey } });
  });
  afterAll(async () => {
    await app.close();
    folder.release();
  });

  const logIn = (username: string, password: string) =>
    app.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });

  test("everybody logs in, by name and by address, with the password they have", async () => {
    const address = `${Buffer.from("xiaoming").toString("hex")}@example.com`;
    for (const [who, password, status] of [
      ["xiaoming", releasePassword, 200],
      ["XIAOMING", releasePassword, 200],
      [address, releasePassword, 200],
      ["全民python", `${releasePassword}-new`, 200],
      ["全民python", releasePassword, 400],
      ["boss", releasePassword, 200],
    ] as const) {
      expect([who, (await logIn(who, password)).statusCode]).toEqual([who, status]);
    }
  });

  test("names stay taken, newcomers sign up, a forgotten password is reset", async () => {
    expect((await app.anonymous({ url: "/users/usernames/xiaoming/count/" })).json().count).toBe(1);
    const made = await app.signUp({ username: "latecomer", email: "latecomer@example.com" });
    expect(made.id).toBeGreaterThan(3);
    const email = `${Buffer.from("xiaoming").toString("hex")}@example.com`;
    const email_code = await app.codeFor(email, "resetpwd");
    const password = "another-password-42";
    const payload = { email, email_code, password, password2: password };
    const reset = await app.anonymous({ method: "POST", url: "/users/password/", payload });
    expect(reset.statusCode, reset.body).toBe(200);
    expect((await logIn("xiaoming", password)).statusCode).toBe(200);
  });

  test("the superuser has what they had", async () => {
    const boss = app.as((await logIn("boss", releasePassword)).json().token);
    const users = (await boss({ url: "/admin/users/" })).json().results as { username: string }[];
    expect(users.map(({ username }) => username)).toEqual(expect.arrayContaining(["xiaoming", "全民python"]));
    const groups = (await boss({ url: "/admin/groups/" })).json().results as { name: string }[];
    expect(groups.map(({ name }) => name)).toContain("客服");
  });
});
