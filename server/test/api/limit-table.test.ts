import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { variables } from "../../src/config/env.ts";
import type { KeyValue } from "../../src/engines/kv/kv.ts";
import type { Limit } from "../../src/kernel/limit.ts";
import { type LimitName, limits } from "../../src/kernel/limits.ts";
import { password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Nothing is counted that the table of limits (kernel/limits.ts) doesn't name, and it names nothing that nobody counts. */
const rooms = resolve(import.meta.dirname, "../../src");
const sources = readdirSync(rooms, { recursive: true, encoding: "utf8" })
  .filter(
    (path) =>
      path.endsWith(".ts") && !path.endsWith(".test.ts") && !/^kernel\/[a-z-]*limits?\.ts$/.test(path),
  )
  .map((path) => ({ path, text: readFileSync(join(rooms, path), "utf8") }));
const names = Object.keys(limits) as LimitName[];
const known = new Set<string>(names);

/** The limit that a key of the store belongs to; undefined for a counter without one, null for what is no counter. */
function limitOf(key: string): string | undefined | null {
  const [family, ...rest] = key.slice(key.indexOf("}") + 2).split(":");
  const of = (name: string | undefined) => (known.has(name ?? "") ? name : undefined);
  switch (family) {
    case "limit": {
      const name = rest[0]!.replace(/-48$/, "").replace(/-(?:wait|steps)$/, "-waits");
      return of(/^sms-(?:sent|proved)-/.test(name) ? "sms-conversion" : name);
    }
    case "flag":
      return "code-interval";
    case "mails":
      return rest[0] === "reserve" ? "sms-reserve" : of(`address-${rest[0]}`);
    case "smssends":
      return "sms-minute";
    case "smsrefusal":
      return rest.at(-1) === "try" ? "sms-trial" : null;
    case "guesses":
      return "code-guesses";
    case "tries":
      if (rest[0] === "second-factor") return "second-step";
      return rest[1] === "others" ? "code-tries-others" : "code-tries-own";
    case "code":
    case "askers":
    case "state":
    case "ticket":
    case "picture":
    case "findticket":
    case "once":
    case "probe":
      return null;
    default:
      return undefined;
  }
}

describe("in the sources", () => {
  /** Counters that are told from others by more than a name, each with its reason. */
  const own = new Map([
    ["engines/kv/rate-limit.ts", "makes the key of a rule"],
    ["engines/kv/network-limit.ts", "makes the keys of a rule for a network and its /48"],
    ["engines/kv/growing-wait.ts", "makes the keys of waits"],
    ["engines/kv/alarm.ts", "makes the key of an alarm"],
    ["codes/sms-budget.ts", "counts the site by two rules of the table in one step"],
    ["codes/sms-conversion.ts", "counts by country and twenty minutes"],
    ["sign-in/stranger-limits.ts", "counts a name, a network and a /48 by rules of the table in one step"],
  ]);

  it("keys of limits are made where rules of the table are at hand, and nowhere else", () => {
    const makers = sources.filter(({ text }) => /\b(?:key|kvKey)\(\s*"limit"/.test(text));
    expect(makers.map(({ path }) => path).toSorted()).toEqual([...own.keys()].toSorted());
  });

  it("no rule is made by hand", () => {
    const byHand = sources.filter(({ text }) => {
      // What is named by an interface, or read of the table, has no number in it.
      return /\b(?:windowSeconds|firstSeconds)\b["']?:\s*[\d(]/.test(text);
    });
    expect(byHand.map(({ path }) => path)).toEqual([]);
  });

  it("each limit is read by a room", () => {
    const all = sources.map(({ text }) => text.replaceAll(/\(\s+/g, "(")).join("\n");
    const isRead = (name: string) => {
      const base = name.replace(/-(?:day|waits)$/, "");
      const asked = ["limitRule", "count"].map((by) => `${by}("${name}"`);
      const family = ["guessRules", "waitRule", "boundsOf"].map((by) => `${by}("${base}"`);
      return (
        [...asked, ...family, `limits["${name}"]`, `limits.${name}.`].some((one) => all.includes(one)) ||
        all.includes(`= limits.${name};`)
      );
    };
    // What a room counts by its setting alone, in rows of its own or by the key's family.
    const bySetting: LimitName[] = [
      "code-interval",
      "emails-before-captcha",
      "sms-before-captcha",
      "sms-conversion",
      "sessions",
      "invitations",
    ];
    expect(names.filter((name) => !isRead(name)).toSorted()).toEqual(bySetting.toSorted());
  });

  it("each variable is one, and each limit says how many or which variable does", () => {
    for (const [name, { settings = [], most, waits }] of Object.entries<Limit>(limits)) {
      expect([name, settings.filter((variable) => !(variable in variables))]).toEqual([name, []]);
      expect([name, most !== undefined || settings.length > 0 || waits !== undefined]).toEqual([name, true]);
    }
  });
});

describe("in the store", () => {
  let test: TestApp;
  const seen = new Set<string>();
  beforeAll(async () => {
    test = await startTestApp({
      env: {
        ...{ TRUST_PROXY: "1", SIGN_UP_BY: "email,mobile", CODE_SIGN_IN: "email,sms", CONTRACT: "classic" },
        ...{
          LOGIN_FAILURE_LIMIT: "10",
          CODE_REQUEST_LIMIT: "50",
          SMS_REQUEST_LIMIT: "50",
          CODE_TRY_LIMIT: "50",
        },
        ...{ LOGIN_FAILURE_LIMIT_PER_CLIENT: "8", LOGIN_ATTEMPT_LIMIT: "100", CAPTCHA_AFTER_SMS: "1" },
        ...{ LOGIN_ATTEMPT_LIMIT_PER_CLIENT: "100", SMS_CAPTCHA: "optional", SANDBOX_CAPTCHA_TEXT: "ABCD" },
        ...{ PICTURE_CODE_LIMIT: "50", FIND_PASSWORD_LIMIT: "50", SMS_REQUEST_LIMIT_PER_DAY: "50" },
      },
    });
    const { kv } = test.app;
    const watch = <Verb extends "get" | "increment" | "add" | "set">(verb: Verb) => {
      const real = kv[verb].bind(kv) as (key: string, ...rest: never[]) => unknown;
      Object.assign(kv, {
        [verb]: (key: string, ...rest: never[]) => {
          seen.add(key);
          return real(key, ...rest);
        },
      });
    };
    for (const verb of ["get", "increment", "add", "set"] as const) watch(verb);
    const { batch } = kv;
    const watched: KeyValue["batch"] = (operations) => {
      for (const { key } of operations) seen.add(key);
      return batch.call(kv, operations);
    };
    Object.assign(kv, { batch: watched });
    const { within } = kv;
    if (within !== undefined) {
      Object.assign(kv, {
        within: (transaction: never) => {
          const inner = within.call(kv, transaction);
          const both: KeyValue["batch"] = (operations) => {
            for (const { key } of operations) seen.add(key);
            return inner.batch(operations);
          };
          return { ...inner, batch: both };
        },
      });
    }
  });
  afterAll(() => test.close());

  it("no way through codes, log-ins and second steps counts by a name that the table hasn't", async () => {
    const six = (i: number) => ({ "x-forwarded-for": `2001:db8:1:${i.toString(16)}::1` });
    const post = (url: string, payload: object, headers = six(1)) =>
      test.anonymous({ method: "POST", url, payload, headers });
    const get = (url: string, headers = six(1)) => test.anonymous({ url, headers });
    const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
    await get("/verifications/email_codes/45@qq.com/");
    await get("/verifications/sms_codes/13800138000/");
    for (const i of [1, 2, 3]) await get(`/verifications/sms_codes/1380013800${i}/`);
    await get("/image_codes/2f4b1a3c-0000-4000-8000-000000000001/");
    await get("/accounts/python01/sms/token/?text=abcd&image_code_id=2f4b1a3c-0000-4000-8000-000000000001");
    await get("/accounts/python01/password/token/?sms_code=000000");
    const bare = await test.signUp({ username: "python02", email: "47@qq.com" });
    const users = test.app.db.kysely.updateTable("users").where("id", "=", bare.id);
    await users.set({ email: null, email_verified: 0 }).execute();
    await test.as(bare.token)({ method: "PUT", url: "/email/", payload: { email: "46@qq.com" } });
    await get("/verifications/email_codes/44@qq.com/?send_type=resetpwd");
    const codes = { email: "44@qq.com", email_code: "222222", password, password2: password };
    for (const i of [1, 2]) await post("/users/password/", codes, six(i));
    for (let i = 0; i < 12; i++)
      await post("/users/authorizations/", { username: "python01", password: "wrong-1" }, six(i));
    for (let i = 0; i < 20; i++)
      await post("/users/authorizations/", { username: `n${i}`, password: "wrong-1" });
    await test.as(token)({
      method: "PUT",
      url: "/user/password/",
      payload: { current_password: "wrong-1", password: "another-9", password2: "another-9" },
    });
    const counted = new Set<string>();
    for (const key of seen) {
      const name = limitOf(key);
      expect([key, name]).not.toEqual([key, undefined]);
      if (name !== null) counted.add(name!);
    }
    // So that a test that reaches nothing doesn't pass.
    expect([...counted].toSorted()).toEqual(expect.arrayContaining(reached));
  });

  const reached: LimitName[] = [
    ...(["address-day", "address-hour", "code-guesses", "code-interval", "code-tries", "codes"] as const),
    ...(["captcha-waits", "email-links", "find-account", "find-code"] as const),
    ...(["code-tries-others", "failed_log_ins", "login", "login-attempts", "login-client"] as const),
    ...([
      "login-client-attempts",
      "login-client-waits",
      "login-day",
      "login-share",
      "login-share-day",
    ] as const),
    ...(["login-waits", "pictures", "present-password", "present-password-day", "sms"] as const),
    ...([
      "sms-budget-day",
      "sms-budget-hour",
      "sms-conversion",
      "sms-day",
      "sms-minute",
      "wrong_codes",
    ] as const),
  ];
});
