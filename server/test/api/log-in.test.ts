import { readFileSync } from "node:fs";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const password = "12345678aA";
const { vectors } = JSON.parse(
  readFileSync(new URL("../vectors/django-hashes-3.2.json", import.meta.url), "utf8"),
) as { vectors: { alg: string; password: string; encoded: string; check: boolean }[] };
const djangoHash = vectors.find(
  (vector) => vector.alg === "pbkdf2_sha256" && vector.password === password && vector.check,
)!.encoded;

/** What an outsider can compare. */
function visible({ statusCode, body, headers }: LightMyRequestResponse) {
  const { "x-request-id": _id, date: _date, ...rest } = headers;
  return { statusCode, body, headers: rest };
}

describe("logging in", () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startTestApp();
    ({ token } = await test.signUp({ username: "python01", email: "44@qq.com", password }));
    await test.signUp({ username: "python02", email: "45@qq.com", password });
    await test.signUp({ username: "python03", email: "46@qq.com", password });
    await change("python03", { is_active: 0 });
  });
  afterAll(() => test.close());

  const change = (
    username: string,
    values: { is_active?: 0; password_hash?: string; password_trimmed?: 1 },
  ) => test.app.db.kysely.updateTable("users").set(values).where("username", "=", username).execute();
  const storedHash = async (username: string) =>
    (
      await test.app.db.kysely
        .selectFrom("users")
        .select("password_hash")
        .where("username", "=", username)
        .executeTakeFirstOrThrow()
    ).password_hash;
  const logIn = (username: string, typed = password, on = test, headers: Record<string, string> = {}) =>
    on.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username, password: typed },
      headers,
    });

  it("works by user name, address and mobile number, and gives a token that is recognised", async () => {
    const payload = { mobile: "13800138000", current_password: password };
    expect((await test.as(token)({ method: "PATCH", url: "/user/", payload })).statusCode).toBe(200);
    for (const name of ["python01", "PYTHON01", "44@qq.com", "44@QQ.COM", "13800138000", " python01 "]) {
      const answer = await logIn(name);
      expect(answer.statusCode, name).toBe(200);
      expect(Object.keys(answer.json())).toEqual(["token", "user_id", "username"]);
      expect(answer.json()).toMatchObject({ username: "python01" });
      const me = await test.as(answer.json().token)({ url: "/user/" });
      expect(me.json()).toMatchObject({ id: answer.json().user_id });
    }
  });

  it("answers an unknown name, a wrong password and a disabled account alike, after as much work", async () => {
    const before = () => test.app.passwords.stats().finished;
    const seen: unknown[] = [];
    for (const [name, typed] of [
      ["python01", "wrong-one"],
      ["nobody", password],
      ["nobody@qq.com", password],
      ["13900139000", password],
      ["python03", password],
      ["python03", "wrong-one"],
      ["x".repeat(254), password],
    ] as const) {
      const hashes = before();
      const answer = await logIn(name, typed);
      seen.push({ ...visible(answer), hashes: before() - hashes });
    }
    expect(seen[0]).toMatchObject({
      statusCode: 400,
      body: '{"non_field_errors":["无法使用提供的认证信息登录。"],"message":"无法使用提供的认证信息登录。"}',
      hashes: 1,
    });
    for (const one of seen) expect(one).toEqual(seen[0]);
  });

  it("neither trims nor cuts what is typed", async () => {
    for (const typed of [` ${password}`, `${password} `, password.toLowerCase(), `${password}\u0000`])
      expect((await logIn("python01", typed)).statusCode, JSON.stringify(typed)).toBe(400);
    const long = "长".repeat(128);
    await test.signUp({ username: "python04", email: "47@qq.com", password: `${long.slice(1)} ` });
    expect((await logIn("python04", `${long.slice(1)} `)).statusCode).toBe(200);
    expect((await logIn("python04", long.slice(1))).statusCode).toBe(400);
    const huge = await logIn("python01", "x".repeat(5000));
    expect(huge.json()).toMatchObject({ password: ["请确保这个字段不能超过 4096 个字符。"] });
  });

  it("tries the trimmed password where the original had trimmed it, and nowhere else", async () => {
    await test.signUp({ username: "python05", email: "48@qq.com", password });
    await change("python05", { password_hash: djangoHash });
    expect((await logIn("python05", ` ${password} `)).statusCode).toBe(400);
    await change("python05", { password_hash: djangoHash, password_trimmed: 1 });
    expect((await logIn("python05", ` ${password} `)).statusCode).toBe(200);
    expect((await logIn("python05", password)).statusCode).toBe(200);
    expect((await logIn("python05", `x ${password}`)).statusCode).toBe(400);
  });

  it("renews an old hash once its password proved right, and only then", async () => {
    await change("python02", { password_hash: djangoHash });
    await logIn("python02", "wrong-one");
    expect(await storedHash("python02")).toBe(djangoHash);
    const before = await logIn("python02");
    await expect.poll(() => storedHash("python02")).toMatch(/^argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await logIn("python02")).statusCode).toBe(200);
    expect((await logIn("python02", "wrong-one")).statusCode).toBe(400);
    // The password is the same, so tokens go on working.
    expect((await test.as(before.json().token)({ url: "/user/" })).statusCode).toBe(200);
  });

  it("renews a hash of the first hasher's own algorithm with older parameters, too", async () => {
    const django = await startTestApp({ env: { PASSWORD_HASHERS: "pbkdf2_sha256,argon2" } });
    try {
      await django.signUp({ username: "python06", email: "49@qq.com", password });
      const { kysely } = django.app.db;
      await kysely.updateTable("users").set({ password_hash: djangoHash }).execute();
      expect((await logIn("python06", "wrong-one", django)).statusCode).toBe(400);
      expect((await logIn("python06", password, django)).statusCode).toBe(200);
      const stored = async () =>
        (await kysely.selectFrom("users").select("password_hash").executeTakeFirstOrThrow()).password_hash;
      await expect.poll(stored).toMatch(/^pbkdf2_sha256\$600000\$/);
      expect((await logIn("python06", password, django)).statusCode).toBe(200);
    } finally {
      await django.close();
    }
  });

  it("lets nobody in by a hash that is unusable or broken", async () => {
    const hash = await storedHash("python02");
    for (const broken of ["", "!", "!x", "plain", password, "argon2$", "pbkdf2_sha256$1$$"]) {
      await change("python02", { password_hash: broken });
      for (const typed of [password, broken || "x"])
        expect((await logIn("python02", typed)).statusCode, broken).toBe(400);
    }
    await change("python02", { password_hash: hash });
  });

  it("does not look at the token of whoever logs in", async () => {
    for (const authorization of ["JWT x.y.z", "JWT", "Bearer a b", "nonsense"])
      expect((await logIn("python01", password, test, { authorization })).statusCode).toBe(200);
  });

  it("says busy, and when to come back, rather than pile up hashes", async () => {
    const busy = await startTestApp({ env: { HASH_CONCURRENCY: "1", HASH_QUEUE_LIMIT: "2" } });
    try {
      const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => logIn(`nobody${i}`, "x", busy)));
      const refused = answers.filter(({ statusCode }) => statusCode === 503);
      const served = answers.filter(({ statusCode }) => statusCode === 400);
      // One running and two waiting at the least; how many more depends on how far apart they arrive.
      expect(served.length).toBeGreaterThanOrEqual(3);
      expect(refused.length).toBeGreaterThan(0);
      expect(served.length + refused.length).toBe(60);
      for (const answer of refused) {
        expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(1);
        expect(answer.json()).toEqual({ detail: "服务器繁忙，请稍后再试。" });
      }
      expect((await logIn("nobody", "x", busy)).statusCode).toBe(400);
    } finally {
      await busy.close();
    }
  });
});

describe("tries that were told to wait because too many hashes waited", () => {
  it.each(["strangers", "known devices"])("use up none of those that %s have", async (who) => {
    const env = { HASH_CONCURRENCY: "1", HASH_QUEUE_LIMIT: "2" };
    const test = await startTestApp({
      env: { ...env, LOGIN_FAILURE_LIMIT: "5", LOGIN_FAILURE_LIMIT_PER_DAY: "5" },
    });
    let isHeld = true;
    try {
      const { token } = await test.signUp({ username: "python01", email: "44@qq.com", password });
      const headers = { "user-agent": "Firefox/127.0" };
      const logIn = (typed: string) =>
        test.anonymous({
          method: "POST",
          url: "/users/authorizations/",
          payload: { username: "python01", password: typed },
          headers,
        });
      const change = (current_password: string) => {
        const payload = { current_password, password: "another-9", password2: "another-9" };
        return test.as(token)({ method: "PUT", url: "/user/password/", payload, headers });
      };
      if (who === "known devices") expect((await logIn(password)).statusCode).toBe(200);
      // All places, by others of their kind, one of whom hashes and two of whom wait.
      const holding = ["a", "b", "c"].map(async (client) => {
        const account = who === "strangers" ? null : client;
        while (isHeld) await test.app.passwords.hash("x", { client, account });
      });
      for (let i = 0; i < 7; i++) expect((await logIn(`wrong-${i}`)).statusCode).toBe(503);
      // Whoever shows a token has proved the account.
      if (who === "known devices")
        for (let i = 0; i < 7; i++) expect((await change(`wrong-${i}`)).statusCode).toBe(503);
      isHeld = false;
      await Promise.all(holding);
      expect((await logIn(password)).statusCode).toBe(200);
      expect((await change(password)).statusCode).toBe(200);
    } finally {
      isHeld = false;
      await test.close();
    }
  });
});

describe("failed log-ins", () => {
  const logIn = (test: TestApp, username: string, typed: string, client = "198.51.100.1") =>
    test.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username, password: typed },
      headers: { "x-forwarded-for": client },
    });

  it("make one account wait, right password or not, existing or not, and no other", async () => {
    // Where nobody signed up, so that no device is known.
    const test = await startTestApp({ env: { LOGIN_FAILURE_LIMIT: "5", TRUST_PROXY: "1" } });
    try {
      await test.signUp({ username: "python01", email: "44@qq.com", password });
      await test.signUp({ username: "python02", email: "45@qq.com", password });
      const answers: unknown[] = [];
      for (const name of ["python01", "nobody1"]) {
        for (let i = 0; i < 5; i++) {
          const spelled = i % 2 ? name.toUpperCase() : name;
          expect((await logIn(test, spelled, "wrong-one")).statusCode).toBe(400);
        }
        const refused = await logIn(test, name, password);
        expect(refused.statusCode).toBe(429);
        expect(refused.json()).toEqual({ detail: "请求超过了限速。", message: "请求超过了限速。" });
        expect(Number(refused.headers["retry-after"])).toBeGreaterThan(50);
        expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(64);
        const { "retry-after": _, ...headers } = visible(refused).headers;
        answers.push({ ...visible(refused), headers });
      }
      expect(answers[1]).toEqual(answers[0]);
      expect((await logIn(test, "python02", password)).statusCode).toBe(200);
      test.clock.advance(64);
      expect((await logIn(test, "python01", password)).statusCode).toBe(200);
    } finally {
      await test.close();
    }
  });

  it("count only in a row: a right password begins anew", async () => {
    const test = await startTestApp({ env: { LOGIN_FAILURE_LIMIT: "5" } });
    try {
      await test.signUp({ username: "python01", email: "44@qq.com", password });
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 4; i++) expect((await logIn(test, "python01", "wrong-one")).statusCode).toBe(400);
        expect((await logIn(test, "python01", password)).statusCode).toBe(200);
      }
    } finally {
      await test.close();
    }
  });

  it("make one client wait over all accounts, where that is set, and no other client", async () => {
    const test = await startTestApp({ env: { LOGIN_FAILURE_LIMIT_PER_CLIENT: "5", TRUST_PROXY: "1" } });
    try {
      await test.signUp({ username: "python01", email: "44@qq.com", password });
      for (let i = 0; i < 5; i++) await logIn(test, `nobody${i}`, "x");
      const refused = await logIn(test, "python01", password);
      expect(refused.statusCode).toBe(429);
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
      expect((await logIn(test, "python01", password, "198.51.100.2")).statusCode).toBe(200);
      // What a client writes in front of the proxy's own entry changes nothing.
      expect((await logIn(test, "python01", password, "198.51.100.9, 198.51.100.1")).statusCode).toBe(429);
      // A client that has to wait can't make accounts wait.
      for (let i = 0; i < 105; i++) await logIn(test, "python01", "x");
      expect((await logIn(test, "python01", password, "198.51.100.2")).statusCode).toBe(200);
      // The addresses of one IPv6 network are one client.
      for (let i = 0; i < 5; i++) await logIn(test, "nobody", "x", `2001:db8:0:1::${i}`);
      expect((await logIn(test, "python01", password, "2001:db8:0:1:abcd::1")).statusCode).toBe(429);
      expect((await logIn(test, "python01", password, "2001:db8:0:2::1")).statusCode).toBe(200);
    } finally {
      await test.close();
    }
  });
});
