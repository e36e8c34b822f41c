import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fakeClock } from "../../../test/support/fake-clock.ts";
import { testWhere } from "../../../test/support/not-tested.ts";
import { startScriptedSmtp } from "../../../test/support/scripted-smtp.ts";
import { startSmtpSink } from "../../../test/support/smtp-sink.ts";
import { freshPostgresUrl, freshRedisUrl, hasProductionEngines } from "../../../test/support/test-engines.ts";
import { readConfig } from "../../config/config.ts";
import { parseSmtpUrl } from "../../engines/mail/smtp-url.ts";
import { ConfigError, problemLine } from "../../errors/config-problem.ts";
import { allowanceNames } from "../../installation/settings.ts";
import { systemClock } from "../../kernel/clock.ts";
import { checkAddresses } from "./address-checks.ts";
import { checkClock, checkOwnClock, checkSanity } from "./clock-checks.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { diagnose } from "./doctor.ts";
import { checkRedisVersion } from "./engine-checks.ts";
import { checkFolders, checkNode, checkSecret } from "./host-checks.ts";
import { checkMail, checkSmtpSettings, explainSmtpFailure } from "./mail-checks.ts";
import { checkSettings, refuseUnsafe } from "./settings-checks.ts";

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
  writeFileSync(join(folder, "meiduo.sqlite3"), "");
  const found = await diagnose(configOf({}), systemClock);
  expect(found.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(found.filter(({ check }) => check === "clock")).toHaveLength(1);
  for (const { zh, en } of found) {
    expect(zh).toMatch(/[\u3000-\u9fff]/);
    expect(en).not.toMatch(/[\u4e00-\u9fff]/);
  }
  expect(levels(checkAddresses(configOf(production)))).toEqual({
    reach: "ok",
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

  describe("and who reaches them", () => {
    const own = [
      { host: "127.0.0.1", isLoopback: true },
      { host: "192.168.1.5", isLoopback: false },
      { host: "[2001:db8::5]", isLoopback: false },
    ];
    const reach = (env: Record<string, string>) =>
      checkAddresses(configOf(env), own).find(({ check }) => check === "reach")!;

    test("a phone finds the site, and what it can't have is reported with the setting that gives it", () => {
      const found = reach({ HOST: "0.0.0.0" });
      expect(found.level).toBe("warn");
      for (const text of [found.en, found.zh]) {
        expect(text).toContain("http://192.168.1.5:8080");
        expect(text).not.toContain("2001");
        expect(text).toMatch(/PUBLIC_SITE_URL=http:\/\/192\.168\.1\.5:8080.*MAILBOX_OPEN=true/);
      }
      expect(reach({ HOST: "::" }).en).toContain("http://[2001:db8::5]:8080");
      const fixed = { PUBLIC_API_URL: "http://127.0.0.1:8000" };
      expect(reach({ HOST: "0.0.0.0", ...fixed }).en).toContain("unset PUBLIC_API_URL");
      const open = { PUBLIC_SITE_URL: "http://192.168.1.5:8080", MAILBOX_OPEN: "true", SANDBOX: "false" };
      expect(reach({ HOST: "0.0.0.0", ...open }).level).toBe("ok");
    });

    test("a public address that nothing listens on", () => {
      const lan = { PUBLIC_SITE_URL: "http://192.168.1.5:8080" };
      expect(reach(lan)).toMatchObject({ level: "fail", en: expect.stringContaining("Set HOST=0.0.0.0") });
      expect(reach({ ...lan, HOST: "192.168.1.5" }).level).toBe("ok");
      // Another port is a proxy's.
      expect(reach({ PUBLIC_SITE_URL: "http://192.168.1.5" }).level).toBe("ok");
    });

    test("any name is a warning", () => {
      expect(addresses({ ALLOWED_HOSTS: "*" })).toMatchObject({ hosts: "warn" });
      expect(addresses({ ALLOWED_HOSTS: "api.internal" })).not.toHaveProperty("hosts");
    });
  });

  test("a site on localhost and an API on 127.0.0.1 are two sites", () => {
    const env = { PUBLIC_SITE_URL: "http://localhost:8080", PUBLIC_API_URL: "http://127.0.0.1:8000" };
    expect(levels(checkAddresses(configOf(env)))).toMatchObject({ cors: "ok", cookie: "warn" });
  });

  test("the missing origin is named, and the nearest one", () => {
    const found = checkAddresses(configOf({ ...production, CORS_ORIGIN_WHITELIST: "http://www.mall.cn" }));
    const cors = found.find(({ check }) => check === "cors");
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
    expect(levels(checkFolders(configOf({})))).toMatchObject({ folder: "warn" });
    chmodSync(folder, 0o700);
    expect(levels(checkFolders(configOf({})))).toMatchObject({ folder: "ok" });
  });

  test("weak secrets fail in production, and are never shown", () => {
    const check = (secretKey: string) => checkSecret({ ...configOf(production), secretKey });
    const weak = ["django-insecure-0123456789abcdefghijklmnopqrs", "a".repeat(40), "abab".repeat(10)];
    const typed = [
      ...["please replace this with your own key 000", "change_this_to_a_long_random_string_of_your_own"],
      ...[
        "your_secret_key_goes_here_9f86d081884c7d",
        "qwertyuiopasdfghjklzxcvbnmqwertyuiop",
        "My-Pa55 is Password! for the whole shop",
      ],
    ];
    for (const key of [...weak, ...typed, "Qx7!mB2#zL9@".repeat(3), "0110".repeat(10)]) {
      expect(check(key).level).toBe("fail");
      expect(JSON.stringify(check(key))).not.toContain(key);
    }
    // openssl rand -hex 16, -base64 48, and forty digits.
    const strong = [
      "9f86d081884c7d659a2feaa0c55ad015",
      "3q2-7wLx0aXo9bN4cVt8yQm1rKz6uHs5jPf2gDe7iTw3lBk4",
      "8310572946027195836401972853640917283546",
    ];
    for (const key of [secret, ...strong]) expect(check(key).level).toBe("ok");
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

describe("what production refuses to start with", () => {
  const refusal = (env: Record<string, string>, secretKey = secret) => {
    try {
      refuseUnsafe({ ...configOf({ ...production, ...env }), secretKey });
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };
  const qq = { QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "2" };
  const lark = { OIDC_MY_LARK_ISSUER: "https://lark.cn", OIDC_MY_LARK_CLIENT_ID: "1" };
  const unsafe: [string, string, Record<string, string>, string?][] = [
    ["SECRET_KEY", "ALLOW_WEAK_SECRET_KEY", {}, "a".repeat(40)],
    ["SECRET_KEY", "ALLOW_WEAK_SECRET_KEY", {}, `django-insecure-${secret}`],
    ["PUBLIC_API_URL", "ALLOW_HTTP", { PUBLIC_API_URL: "http://api.mall.cn" }],
    // Left out: it is this machine's then, and the site's pages may not call it.
    ["PUBLIC_API_URL", "ALLOW_HTTP", { PUBLIC_API_URL: "" }],
    [
      "PUBLIC_SITE_URL",
      "ALLOW_HTTP",
      { PUBLIC_SITE_URL: "http://www.mall.cn", CORS_ORIGIN_WHITELIST: "http://www.mall.cn" },
    ],
    ["CORS_ORIGIN_WHITELIST", "ALLOW_UNLISTED_SITE", { CORS_ORIGIN_WHITELIST: "https://mall.cn" }],
    [
      "QQ_REDIRECT_URI",
      "ALLOW_FOREIGN_REDIRECT_URI",
      { ...qq, QQ_REDIRECT_URI: "https://m.mall.cn/callback" },
    ],
    [
      "OIDC_MY_LARK_REDIRECT_URI",
      "ALLOW_FOREIGN_REDIRECT_URI",
      { ...lark, OIDC_MY_LARK_CLIENT_SECRET: "2", OIDC_MY_LARK_REDIRECT_URI: "https://m.mall.cn/cb" },
    ],
  ];

  test.each(unsafe)("%s, unless %s says that it is meant: %j", (variable, allowance, env, key) => {
    const found = refusal(env, key);
    expect(found.length).toBeGreaterThan(0);
    for (const problem of found) {
      expect(problem.variable).toBe(variable);
      expect(problemLine(problem)).toMatch(
        new RegExp(
          `^\\S+ [a-z].*, or set ${allowance}=true\\. .*[\\u4e00-\\u9fff].*${allowance}=true。$`,
          "u",
        ),
      );
      expect(problemLine(problem)).not.toContain(key ?? "no key");
    }
    expect(refusal({ ...env, [allowance]: "true" }, key)).toEqual([]);
    // Another switch is no leave for this.
    const others = allowanceNames.filter((name) => name !== allowance);
    const allOthers = Object.fromEntries(others.map((name) => [name, "true"]));
    expect(refusal({ ...env, ...allOthers }, key)).toHaveLength(found.length);
    // What is allowed still is in the doctor's report.
    const config = { ...configOf({ ...production, ...env, [allowance]: "true" }), secretKey: key ?? secret };
    expect(checkSettings(config).map(({ level }) => level)).toContain("warn");
  });

  test("a database that other users of the machine can read", () => {
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "meiduo.sqlite3"), "", { mode: 0o644 });
    expect(refusal({}).map(({ variable }) => variable)).toEqual(["DATA_DIR"]);
    expect(refusal({ ALLOW_OPEN_DATA_DIR: "true" })).toEqual([]);
    chmodSync(folder, 0o700);
    expect(refusal({})).toEqual([]);
  });

  test("is everything that the doctor's settings mark ✗, and all of it at once", () => {
    const env = {
      ...{ ...production, PUBLIC_API_URL: "http://api.other.cn", CORS_ORIGIN_WHITELIST: "https://mall.cn" },
      ...{ ...qq, QQ_REDIRECT_URI: "https://m.mall.cn/callback" },
    };
    const config = { ...configOf(env), secretKey: "ab".repeat(20) };
    const failed = checkSettings(config).filter(({ level }) => level === "fail");
    expect(failed.map(({ check }) => check).toSorted()).toEqual(
      ["cookie", "cors", "redirect-qq", "scheme", "secret"].toSorted(),
    );
    expect(refusal(env, config.secretKey)).toEqual(failed.map((one) => one.refusal));
  });

  test("is nothing that others do, and nothing in development", () => {
    const away = {
      ...{ DATABASE_URL: "postgres://meiduo:x@127.0.0.1:1/meiduo", REDIS_URL: "redis://127.0.0.1:1" },
      ...{ SMTP_URL: "smtp://shop:x@127.0.0.1:1", DATA_DIR: join(folder, "unused") },
    };
    expect(refusal(away)).toEqual([]);
    expect(() => refuseUnsafe({ ...configOf({ HOST: "0.0.0.0" }), secretKey: "a".repeat(40) })).not.toThrow();
  });

  test("has /docs off besides, unless DOCS_PAGE says otherwise", () => {
    expect([readConfig({}).docsPage, readConfig(production).docsPage]).toEqual([true, false]);
    expect(readConfig({ ...production, DOCS_PAGE: "true" }).docsPage).toBe(true);
    expect(readConfig({ DOCS_PAGE: "false" }).docsPage).toBe(false);
  });
});

describe("the clock, where neither database nor Redis tells the time", () => {
  async function webServer(date: string) {
    const server = createServer((_, response) => {
      response.setHeader("date", date);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
  }

  test.each([
    [10, "ok"],
    [90, "fail"],
    [-90, "fail"],
  ])("is compared with the Date of the public address: %i s off", async (seconds, level) => {
    const clock = fakeClock();
    const web = await webServer(new Date(clock.now() + seconds * 1000).toUTCString());
    try {
      const found = await checkOwnClock(configOf({ PUBLIC_API_URL: web.url }), clock);
      expect(found).toMatchObject({ check: "clock", level });
      expect(found.en).toContain(new URL(web.url).host);
    } finally {
      web.close();
    }
  });

  test("offline: against what this machine wrote itself", async () => {
    const now = fakeClock().now();
    expect(checkSanity(now, null).level).toBe("ok");
    expect(checkSanity(now, now - 86_400_000).level).toBe("ok");
    expect(checkSanity(now, now + 86_400_000).level).toBe("fail");
    expect(checkSanity(0, null).level).toBe("fail");
    writeFileSync(join(folder, "meiduo.sqlite3"), "");
    utimesSync(join(folder, "meiduo.sqlite3"), new Date(), new Date(now + 86_400_000));
    const env = { PUBLIC_API_URL: "http://127.0.0.1:1", PUBLIC_SITE_URL: "http://127.0.0.1:1" };
    expect(await checkOwnClock(configOf(env), fakeClock())).toMatchObject({ check: "clock", level: "fail" });
  });
});

describe("a refused SMTP log-in", () => {
  const refused = Object.assign(new Error("Invalid login: 535 Error: authentication failed"), {
    responseCode: 535,
  });
  test.each(["smtp.163.com", "smtp.qq.com", "smtp.126.com", "smtp.exmail.qq.com"])(
    "at %s asks for the authorization code",
    (host) => {
      const found = explainSmtpFailure({ host, port: 465 }, refused);
      expect(found).toMatchObject({ check: "smtp", level: "fail" });
      expect(found.zh).toContain("授权码，不是邮箱密码");
      expect(found.en).toContain("authorization code, not the mailbox's password");
    },
  );

  test("elsewhere asks for account and password, and other failures are reported as they are", () => {
    const found = explainSmtpFailure({ host: "mail.example.com", port: 587 }, refused);
    expect(found.en).toMatch(/535.*account and password/);
    expect(found.en).not.toContain("authorization code");
    const other = explainSmtpFailure({ host: "smtp.qq.com", port: 465 }, new Error("getaddrinfo ENOTFOUND"));
    expect(other.en).toContain("ENOTFOUND");
  });

  test("is recognised from a real server's answer", async () => {
    const server = await startScriptedSmtp({ AUTH: "535 Error: authentication failed" });
    try {
      const url = `smtp://shop:hunter2smtp@127.0.0.1:${server.port}?tls=never`;
      const found = (await checkMail(configOf({ SMTP_URL: url, EMAIL_FROM: "shop@mall.cn" }))).find(
        ({ check }) => check === "smtp",
      )!;
      expect([found.level, found.en]).toEqual(["fail", expect.stringContaining("refuses the log-in (535)")]);
      expect(JSON.stringify(found)).not.toContain("hunter2smtp");
    } finally {
      await server.close();
    }
  });
});

describe("what answers is sound", () => {
  testWhere(hasProductionEngines)(
    "a real PostgreSQL and Redis: reachable, new enough, of one time",
    async () => {
      const config = configOf({ DATABASE_URL: await freshPostgresUrl(), REDIS_URL: await freshRedisUrl() });
      const found = await diagnose(config, systemClock);
      const about = (name: string) => found.filter(({ check }) => check === name);
      expect(about("database").map(({ level, en }) => [level, /^PostgreSQL \d+ at /.test(en)])).toEqual([
        ["ok", true],
      ]);
      expect(about("redis").map(({ level, en }) => [level, /^Redis \d+\.\d+/.test(en)])).toEqual([
        ["ok", true],
      ]);
      expect(about("clock").map(({ level, en }) => [level, en])).toEqual([
        ["ok", "The clock agrees with PostgreSQL's."],
        ["ok", "The clock agrees with Redis's."],
      ]);
      const late = await diagnose(config, { now: () => systemClock.now() + 3_600_000 });
      expect(late.filter(({ check }) => check === "clock").map(({ level }) => level)).toEqual([
        "fail",
        "fail",
      ]);
    },
  );

  test("a real mail server", async () => {
    const server = await startSmtpSink();
    try {
      const found = levels(await checkMail(configOf({ SMTP_URL: server.url })));
      expect(found).toMatchObject({ smtp: "ok" });
      expect(server.count()).toBe(0);
    } finally {
      await server.close();
    }
  });
});

test("engines and mail servers that don't answer are diagnoses, without their passwords", async () => {
  const config = configOf({
    DATABASE_URL: "postgres://meiduo:hunter2db@127.0.0.1:1/meiduo",
    REDIS_URL: "redis://:hunter2redis@127.0.0.1:1",
    SMTP_URL: "smtp://shop:hunter2smtp@127.0.0.1:1",
    // At the default addresses a program of the developer's may run, whose clock would be asked.
    ...{ PUBLIC_API_URL: "http://127.0.0.1:1", PUBLIC_SITE_URL: "http://127.0.0.1:1" },
  });
  const found = await diagnose(config, fakeClock());
  expect(levels(found)).toMatchObject({ database: "fail", redis: "fail", smtp: "fail", clock: "ok" });
  expect(JSON.stringify(found)).not.toMatch(/hunter2/);
});

describe("whatever is wrong, the line says what to do, in the reader's language", () => {
  const bad: Record<string, string>[] = [
    {
      ...{ DATABASE_URL: "postgres://meiduo:x@127.0.0.1:1/meiduo", REDIS_URL: "redis://127.0.0.1:1" },
      SMTP_URL: "smtp://shop:x@127.0.0.1:1",
    },
    {
      ...production,
      SECRET_KEY: `django-insecure-${"ab".repeat(20)}`,
      CORS_ORIGIN_WHITELIST: "http://localhost:8080",
    },
    { ...production, PUBLIC_API_URL: "http://api.other.cn:8000", TRUST_PROXY: "" },
    { ...production, PUBLIC_API_URL: "https://api.other.cn" },
    { ...production, HOST: "0.0.0.0", EMAIL_FROM: "other@qq.com" },
    { PUBLIC_SITE_URL: "http://localhost:8080", TRUST_PROXY: "1" },
    { DATA_DIR: "/proc/none" },
    { HOST: "0.0.0.0", PUBLIC_API_URL: "http://127.0.0.1:8000", ALLOWED_HOSTS: "*" },
  ];

  test.each(bad.map((env, index) => [index, env] as const))("set-up %i", async (_, env) => {
    const found = (await diagnose(configOf(env), fakeClock())).filter(({ level }) => level !== "ok");
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expectAdvice(one);
  });

  test("mail settings, versions, clocks and damage", async () => {
    writeFileSync(join(folder, "meiduo.sqlite3"), "no database at all");
    const urls = [
      "smtp://smtp.qq.com:465",
      "smtps://a:b@smtp.163.com:587",
      "smtps://a@qq.com:word@smtp.qq.com",
    ];
    const found = [
      ...urls.flatMap((url) => checkSmtpSettings(parseSmtpUrl(url), "other@qq.com")),
      ...(await diagnose(configOf({}), fakeClock())),
      ...[checkNode("20.20.2"), checkRedisVersion("5.0.1"), checkSanity(0, null)],
      checkClock("Redis", 0, fakeClock()),
      ...["smtp.qq.com", "mail.example.com"].flatMap((host) =>
        ["Invalid login: 535", "getaddrinfo ENOTFOUND"].map((text) =>
          explainSmtpFailure({ host, port: 465 }, new Error(text)),
        ),
      ),
    ].filter(({ level }) => level !== "ok");
    expect(new Set(found.map(({ check }) => check))).toEqual(
      new Set([
        "smtp-login",
        "smtp-port",
        "smtp-from",
        "smtp-code",
        "database",
        "node",
        "redis",
        "clock",
        "smtp",
      ]),
    );
    for (const one of found) expectAdvice(one);
  });

  /** A complaint and an instruction. */
  function expectAdvice({ zh, en }: Diagnosis): void {
    expect(zh).toMatch(/请|须/);
    expect(en).not.toMatch(/[\u4e00-\u9fff]/);
    const verbs =
      /(Add|add|Remove|Serve|serve|Put|put|Make|make|Set|set|Unset|Use|use|Run|run|Turn|Check|check|Change|Restore|upgrade|See|write|let|needs?|Move|move)\b/;
    expect(en).toMatch(verbs);
  }
});
