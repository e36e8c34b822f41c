import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fakeClock } from "../../test/support/fake-clock.ts";
import { readConfig } from "../config/config.ts";
import { parseSmtpUrl } from "../mail/smtp-url.ts";
import { checkAddresses } from "./address-checks.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { diagnose } from "./doctor.ts";
import { checkClock } from "./engine-checks.ts";
import { checkHost, checkNode, checkSecret } from "./host-checks.ts";
import { checkSmtpSettings } from "./mail-checks.ts";

const secret = "kJ8s0d2LmQ4xv9Zt1WcR7pYbN5hGf3aE6uXoTiVq";
const production = {
  ENVIRONMENT: "production",
  SECRET_KEY: secret,
  SMTP_URL: "smtps://shop@qq.com:abcdefghijklmnop@smtp.qq.com",
  EMAIL_FROM: "shop@qq.com",
  CORS_ORIGIN_WHITELIST: "https://www.mall.cn",
  PUBLIC_SITE_URL: "https://www.mall.cn",
  PUBLIC_API_URL: "https://api.mall.cn",
  TRUST_PROXY: "1",
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const configOf = (env: Record<string, string>) => ({
  ...readConfig({ DATA_DIR: folder, ...env }),
  secretKey: secret,
});
const levels = (found: Diagnosis[]) => Object.fromEntries(found.map(({ check, level }) => [check, level]));
const addresses = (env: Record<string, string>) =>
  levels(checkAddresses(configOf({ ...production, ...env })));

test("a sound set-up has nothing to say against it", async () => {
  chmodSync(folder, 0o700);
  const found = await diagnose(configOf({}), fakeClock());
  expect(found.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(levels(checkAddresses(configOf(production)))).toEqual({
    cors: "ok",
    scheme: "ok",
    cookie: "ok",
    proxy: "ok",
  });
});

describe("addresses", () => {
  test.each([
    [{ CORS_ORIGIN_WHITELIST: "http://www.mall.cn" }, { cors: "fail" }],
    [{ CORS_ORIGIN_WHITELIST: "https://www.mall.cn,http://localhost:8080" }, { "cors-local": "warn" }],
    [{ PUBLIC_API_URL: "http://api.mall.cn" }, { scheme: "fail" }],
    [{ PUBLIC_API_URL: "https://api.other.cn" }, { cookie: "warn" }],
    [{ TRUST_PROXY: "" }, { proxy: "warn" }],
    [{ HOST: "0.0.0.0" }, { proxy: "warn" }],
    [
      {
        QQ_CLIENT_ID: "1",
        QQ_CLIENT_SECRET: "2",
        QQ_REDIRECT_URI: "https://old.mall.cn/oauth_callback.html",
      },
      { "redirect-qq": "fail" },
    ],
    [{ QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "2" }, { "redirect-qq": "ok" }],
  ] as [Record<string, string>, Record<string, string>][])("%j", (env, expected) => {
    expect(addresses(env)).toMatchObject(expected);
  });

  test("a site on localhost and an API on 127.0.0.1 are two sites", () => {
    const env = { PUBLIC_SITE_URL: "http://localhost:8080", PUBLIC_API_URL: "http://127.0.0.1:8000" };
    expect(levels(checkAddresses(configOf(env)))).toMatchObject({ cors: "ok", cookie: "warn" });
  });

  test("the missing origin is named, and the nearest one", () => {
    const [cors] = checkAddresses(configOf({ ...production, CORS_ORIGIN_WHITELIST: "http://www.mall.cn" }));
    expect(cors!.en).toContain("nearest: http://www.mall.cn");
    expect(cors!.zh).toContain("请加上 https://www.mall.cn");
  });
});

describe("mail settings", () => {
  const check = (url: string, from: string) => levels(checkSmtpSettings(parseSmtpUrl(url), from));
  const code = "abcdefghijklmnop";
  test.each([
    [`smtps://shop@qq.com:${code}@smtp.qq.com:465`, "shop@qq.com", {}],
    [`smtps://shop@qq.com:${code}@smtp.qq.com:465`, "other@qq.com", { "smtp-from": "fail" }],
    ["smtps://shop@qq.com:MyPassw0rd@smtp.qq.com", "shop@qq.com", { "smtp-code": "warn" }],
    [`smtp://shop@163.com:${code}@smtp.163.com:465`, "shop@163.com", { "smtp-port": "fail" }],
    [`smtps://shop@163.com:${code}@smtp.163.com:587`, "shop@163.com", { "smtp-port": "fail" }],
    ["smtp://smtp.126.com:587", "shop@126.com", { "smtp-login": "fail" }],
    ["smtp://relay.example.com:587", "shop@mall.cn", {}],
  ] as [string, string, Record<string, string>][])("%s from %s", (url, from, expected) => {
    expect(check(url, from)).toEqual(expected);
  });
});

describe("the machine", () => {
  test("a folder open to others", () => {
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "secret-key"), secret, { mode: 0o644 });
    expect(levels(checkHost(configOf({})))).toMatchObject({ folder: "warn" });
    chmodSync(folder, 0o700);
    expect(levels(checkHost(configOf({})))).toMatchObject({ folder: "ok" });
  });

  test("weak secrets fail in production, and are never shown", () => {
    for (const weak of ["django-insecure-0123456789abcdefghijklmnopqrs", "a".repeat(40), "abab".repeat(10)]) {
      const found = checkSecret({ secretKey: weak, environment: "production" });
      expect(found.level).toBe("fail");
      expect(JSON.stringify(found)).not.toContain(weak);
    }
    expect(checkSecret({ secretKey: secret, environment: "production" }).level).toBe("ok");
  });

  test("an old Node, a clock that is off", () => {
    expect(checkNode("22.11.0").level).toBe("fail");
    expect(checkNode("24.15.0").level).toBe("fail");
    expect(checkNode("24.16.0").level).toBe("ok");
    const clock = fakeClock();
    expect(checkClock("Redis", clock.now() + 4_000, clock).level).toBe("ok");
    expect(checkClock("Redis", clock.now() - 60_000, clock)).toMatchObject({ level: "fail", check: "clock" });
  });
});

test("engines and mail servers that don't answer are diagnoses, without their passwords", async () => {
  const config = configOf({
    DATABASE_URL: "postgres://meiduo:hunter2db@127.0.0.1:1/meiduo",
    REDIS_URL: "redis://:hunter2redis@127.0.0.1:1",
    SMTP_URL: "smtp://shop:hunter2smtp@127.0.0.1:1",
  });
  const found = await diagnose(config, fakeClock());
  expect(levels(found)).toMatchObject({ database: "fail", redis: "fail", smtp: "fail" });
  expect(JSON.stringify(found)).not.toMatch(/hunter2/);
});
