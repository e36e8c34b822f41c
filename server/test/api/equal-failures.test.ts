import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { someone } from "../support/holders.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * Every way of failing to log in does the same work, shown by counting it: one place in the hash queue, and no verdict
 * that the password was right, which would spare the wait that all failures have (failure-floor.ts).
 */
let test: TestApp;
const right = "12345678aA";
const pbkdf2 = "pbkdf2_sha256$260000$uXTeSwyCpnu73eZb0Jz4tH$OFMB3uJO/Lx1/PYGJiJ+tsvC2pxhkLJAnaqxag0+npA=";
beforeAll(async () => {
  test = await startTestApp({ env: { AUTHENTICATORS: "jwt,basic" } });
  const hash = await test.app.passwords.hash(right, someone);
  const people = {
    wrongone: { password_hash: hash },
    disabled: { password_hash: hash, is_active: 0 },
    imported: { password_hash: pbkdf2, is_active: 0 },
    trimmed1: { password_hash: hash, is_active: 0, password_trimmed: 1 },
    unusable: { password_hash: "!nothing" },
    malformed: { password_hash: "argon2$argon2id$broken" },
    switchedoff: { password_hash: "md5$salt$5682f1347e3c98a0a7b2b9a8891524cf" },
  } as const;
  for (const [username, values] of Object.entries(people)) {
    const { id } = await makePerson(test, username);
    await test.app.db.kysely.updateTable("users").set(values).where("id", "=", id).execute();
  }
});
afterAll(() => test.close());
afterEach(() => vi.restoreAllMocks());

const cases: [string, string, string][] = [
  ["an unknown account", "nobody1", right],
  ["a wrong password", "wrongone", "wrong-one"],
  ["a disabled account and its right password", "disabled", right],
  ["a disabled account and a wrong password", "disabled", "wrong-one"],
  ["a disabled imported account and its right password", "imported", right],
  ["a disabled account whose password was trimmed", "trimmed1", ` ${right} `],
  ["an account without a password", "unusable", right],
  ["a malformed hash", "malformed", right],
  ["a hasher that is switched off", "switchedoff", right],
];

it.each(cases)("%s", async (_what, username, password) => {
  const { passwords } = test.app;
  const verify = vi.spyOn(passwords, "verify");
  const before = passwords.stats().finished;
  const answer = await test.anonymous({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username, password },
  });
  expect([answer.statusCode, answer.json().message]).toEqual([400, "无法使用提供的认证信息登录。"]);
  const credentials = Buffer.from(`${username}:${password}`).toString("base64");
  const basic = await test.anonymous({ url: "/user/", headers: { authorization: `Basic ${credentials}` } });
  expect(basic.statusCode).toBe(401);
  expect(passwords.stats().finished - before).toBe(2);
  const verdicts = await Promise.all(verify.mock.results.map(({ value }) => value));
  expect(verdicts.filter(({ ok }) => ok)).toEqual([]);
});
