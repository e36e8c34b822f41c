import { afterEach, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { AppError } from "../../src/errors/errors.ts";
import type { Authenticator } from "../../src/http/authentication.ts";
import { someone } from "../support/holders.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp, type TestAppOptions } from "../support/test-app.ts";

let server: TestApp;
afterEach(() => server.close());

async function start(options: TestAppOptions = {}): Promise<void> {
  server = await startTestApp(options);
}
const profile = (authorization: string) => server.anonymous({ url: "/user/", headers: { authorization } });
const basic = (name: string, secret: string) =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`;

describe("HTTP Basic", () => {
  test("is off unless AUTHENTICATORS names it", async () => {
    await start();
    await makePerson(server, "scripted");
    expect((await profile(basic("scripted", password))).statusCode).toBe(401);
  });

  test("recognises by any log-in name, and passwords with colons and beyond ASCII", async () => {
    await start({ env: { AUTHENTICATORS: "jwt,basic" } });
    const { id, token } = await makePerson(server, "scripted", { email: "s@example.com" });
    const strange = "密码:with:colons";
    const hash = await server.app.passwords.hash(strange, someone);
    expect((await profile(basic("S@example.com", password))).json()).toMatchObject({ id });
    await server.app.db.kysely
      .updateTable("users")
      .set({ password_hash: hash })
      .where("id", "=", id)
      .execute();
    expect((await profile(basic("scripted", strange))).json()).toMatchObject({ id, username: "scripted" });
    expect((await profile(`JWT ${token}`)).json()).toMatchObject({ id });
  });

  test("knows the script's network and program, and notes no cookie, which no answer gives", async () => {
    await start({ env: { AUTHENTICATORS: "jwt,basic", TRUST_PROXY: "1" } });
    const { id } = await makePerson(server, "scripted");
    const devices = () =>
      server.app.db.kysely.selectFrom("known_devices").selectAll().where("user_id", "=", id).execute();
    const before = (await devices()).length;
    const ask = (network: string) =>
      server.anonymous({
        url: "/user/",
        headers: { authorization: basic("scripted", password), "x-forwarded-for": network },
      });
    for (const i of [1, 2, 3, 3]) {
      const answer = await ask(`198.51.100.${i}`);
      expect([answer.statusCode, answer.headers["set-cookie"]]).toEqual([200, undefined]);
    }
    expect(await devices()).toHaveLength(before + 3);
  });

  test("refuses wrong, unknown, disabled and malformed alike, and never asks a browser for a password", async () => {
    await start({ env: { AUTHENTICATORS: "jwt,basic" } });
    await makePerson(server, "scripted");
    await makePerson(server, "disabled", { is_active: 0 });
    // The texts of the original's framework for each kind of refusal.
    const refused = "用户名或者密码错误。";
    const undecodable = "认证字符串base64编码错误（基本认证HTTP头无效）。";
    const rows = [
      [basic("scripted", "wrong"), refused],
      [basic("nobody", password), refused],
      [basic("disabled", password), refused],
      ["Basic Og==", refused],
      ["Basic", "无效的Basic认证头，没有提供认证信息。"],
      ["Basic YTpi YTpi", "认证字符串不应该包含空格（基本认证HTTP头无效）。"],
      ["Basic !!!", undecodable],
      ["Basic /w==", undecodable],
      [`Basic ${"QUFB".repeat(3_000)}`, undecodable],
    ] as const;
    for (const [header, text] of rows) {
      const answer = await profile(header);
      expect([header, answer.statusCode, answer.json().detail]).toEqual([header, 401, text]);
      expect(answer.headers["www-authenticate"]).toBe('JWT realm="api"');
    }
  });

  test("shares the limits of log-in", async () => {
    await start({ env: { AUTHENTICATORS: "basic", LOGIN_FAILURE_LIMIT: "5" } });
    await makePerson(server, "scripted");
    for (let i = 0; i < 5; i++) await profile(basic("scripted", "wrong"));
    const answer = await profile(basic("scripted", password));
    expect(answer.statusCode).toBe(429);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  });
});

describe("an authenticator of the embedding program", () => {
  /** An example: a gateway in front has checked the person and says who it is, under a shared secret. */
  const gateway =
    (users: () => TestApp["app"]): Authenticator["authenticate"] =>
    async (authorization) => {
      const [scheme, secret, id] = authorization.split(" ");
      if (scheme !== "Gateway") return null;
      if (secret !== "shared-secret") throw new AppError("token_refused");
      const { db } = users();
      const row = await db.kysely
        .selectFrom("users")
        .selectAll()
        .where("id", "=", Number(id))
        .executeTakeFirst();
      return row ?? null;
    };

  test("is asked after the configured ones, and for its own scheme alone", async () => {
    const asked: string[] = [];
    const authenticate = gateway(() => server.app);
    await start({
      authenticators: [
        {
          name: "gateway",
          authenticate: async (authorization, client) => {
            asked.push(authorization);
            return authenticate(authorization, client);
          },
        },
      ],
    });
    const { id, token } = await makePerson(server, "embedded");
    expect((await profile(`Gateway shared-secret ${id}`)).json()).toMatchObject({ id });
    expect((await profile(`Gateway wrong ${id}`)).statusCode).toBe(401);
    expect((await profile(`JWT ${token}`)).statusCode).toBe(200);
    expect((await profile("JWT broken")).statusCode).toBe(401);
    expect(asked).toEqual([`Gateway shared-secret ${id}`, `Gateway wrong ${id}`]);
  });
});

test("an unknown name in AUTHENTICATORS is a problem of the configuration", async () => {
  expect(() => readConfig({ AUTHENTICATORS: "jwt,digest" })).toThrow(/AUTHENTICATORS knows no "digest"/);
  await start();
});
