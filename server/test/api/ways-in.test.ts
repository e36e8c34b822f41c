import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/**
 * Every way in ends at one door (sign-in/complete.ts): each is recorded once, in the log, in the metrics and as the
 * account's last log-in, and what goes on with a session is not.
 */
const password = "12345678aA";
const minuteSeconds = 60;
let all: ThirdPartyTest;
const lines: string[] = [];
beforeAll(async () => {
  all = await startThirdPartyTest({
    env: { METRICS_PORT: "9464", AUTHENTICATORS: "jwt,basic" },
    logTo: { write: (line) => void lines.push(line) },
  });
});
afterAll(() => all.close());

let count = 0;
const fresh = () => `fresh${++count}`;
const signUp = (username: string) => all.test.signUp({ username, email: `${username}@qq.com` });
const post = (url: string, payload: object) => all.test.anonymous({ method: "POST", url, payload });
const basic = (username: string) => `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/** The numbers of the door in the answer that Prometheus gets, by way, and all together. */
async function counted(): Promise<Record<string, number>> {
  const text = (await all.test.app.metrics?.registry.metrics()) ?? "";
  const found = text.matchAll(/^meiduo_log_ins(?:_by_way\{how|\{outcome)="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, name, value]) => [name, Number(value)]));
}

interface WayIn {
  readonly how: string;
  readonly provider?: string;
  readonly opensNoSession?: boolean;
  /** Everything up to the last step; that is what it returns. */
  readonly prepare: (username: string) => Promise<() => Promise<LightMyRequestResponse>>;
}

const waysIn: readonly WayIn[] = [
  {
    how: "password",
    async prepare(username) {
      await signUp(username);
      return () => post("/users/authorizations/", { username, password });
    },
  },
  {
    how: "sign_up",
    async prepare(username) {
      const email = `${username}@qq.com`;
      const email_code = await all.test.codeFor(email);
      const payload = { username, email, password, password2: password, email_code, allow: "true" };
      return () => post("/users/", payload);
    },
  },
  {
    how: "provider",
    provider: "weibo",
    async prepare(username) {
      await all.createBound("weibo", "penguin", username);
      const callback = await all.authorize("weibo", { person: "penguin" });
      return () => all.finish("weibo", callback);
    },
  },
  {
    how: "binding",
    provider: "github",
    async prepare(username) {
      await signUp(username);
      const { bind_token } = await all.logIn("github", "penguin");
      const email = `${username}@qq.com`;
      const email_code = await all.test.codeFor(email, "bindAccount");
      return () => post("/oauth/github/user/", { bind_token, email, email_code, password });
    },
  },
  {
    how: "provider_sign_up",
    provider: "qq",
    async prepare(username) {
      const { bind_token } = await all.logIn("qq", "penguin");
      const email = `${username}@qq.com`;
      const email_code = await all.test.codeFor(email, "bindAccount");
      return () => post("/oauth/qq/user/", { bind_token, email, email_code, password });
    },
  },
  {
    how: "provider_sign_up",
    provider: "wechat",
    async prepare(username) {
      const { bind_token } = await all.logIn("wechat", "penguin");
      return () => post("/oauth/wechat/account/", { bind_token, username });
    },
  },
  {
    how: "basic",
    opensNoSession: true,
    async prepare(username) {
      await signUp(username);
      return () => all.test.anonymous({ url: "/user/", headers: { authorization: basic(username) } });
    },
  },
];

const titled = waysIn.map((way) => ({ ...way, title: [way.how, way.provider].filter(Boolean).join(" at ") }));

describe.each(titled)("a log-in by $title", ({ how, provider, opensNoSession, prepare }) => {
  const username = fresh();
  let answer: LightMyRequestResponse;
  let before: Record<string, number>;
  beforeAll(async () => {
    const last = await prepare(username);
    before = await counted();
    lines.length = 0;
    // Later than whatever the preparation logged in with.
    all.test.clock.advance(minuteSeconds);
    answer = await last();
    expect([200, 201], answer.body).toContain(answer.statusCode);
  });

  test("is one line of the log, without the name that was typed", () => {
    const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => /log(ged)?[ -]in/.test(msg));
    const id = answer.json().user_id ?? answer.json().id;
    expect(told).toEqual([
      {
        ...{ level: "info", time: expect.any(String), msg: "logged in", how },
        ...{ userId: id, client: "127.0.0.1", ...(provider && { provider }) },
      },
    ]);
    expect(lines.join("")).not.toContain(username);
  });

  test("counts once, by its way and in the sum", async () => {
    const succeeded = (before.succeeded ?? 0) + 1;
    expect(await counted()).toEqual({ ...before, succeeded, [how]: (before[how] ?? 0) + 1 });
  });

  test("is the account's last log-in", async () => {
    const { db, users } = all.test.app;
    const id = answer.json().user_id ?? answer.json().id;
    expect((await users.byId(id))?.last_login_at).toBe(all.test.clock.now());
    const others = await db.kysely
      .selectFrom("users")
      .select("id")
      .where("last_login_at", "=", all.test.clock.now())
      .execute();
    expect(others).toEqual([{ id }]);
  });

  test(opensNoSession ? "opens no session" : "opens a session for a device that is known then", async () => {
    const cookie = String(answer.headers["set-cookie"] ?? "");
    if (opensNoSession) {
      expect(cookie).not.toContain("meiduo_device=");
      expect(answer.json()).not.toHaveProperty("token");
      return;
    }
    expect(cookie).toContain("meiduo_device=");
    const own = await all.test.as(answer.json().token)({ url: "/user/" });
    expect(own.json().id).toBe(answer.json().user_id);
  });
});

test("the table has every way that the metrics name", async () => {
  const outcomes = ["succeeded", "refused", "throttled"];
  const named = Object.keys(await counted()).filter((name) => !outcomes.includes(name));
  expect(named.toSorted()).toEqual([...new Set(waysIn.map(({ how }) => how))].toSorted());
});

describe("what is no log-in is not recorded as one", () => {
  const quietly = async (act: () => Promise<LightMyRequestResponse>) => {
    const before = await counted();
    lines.length = 0;
    all.test.clock.advance(minuteSeconds);
    const answer = await act();
    expect(answer.statusCode, answer.body).toBe(200);
    expect(lines.join("")).not.toContain("logged in");
    expect(await counted()).toEqual(before);
    return answer;
  };
  const lastLogIn = async (id: number) => (await all.test.app.users.byId(id))?.last_login_at;

  test("a new password, which goes on with the session by a new token", async () => {
    const { id, token } = await signUp(fresh());
    const last = await lastLogIn(id);
    const payload = { current_password: password, password: "another-8Bb", password2: "another-8Bb" };
    const answer = await quietly(() =>
      all.test.as(token)({ method: "PUT", url: "/user/password/", payload }),
    );
    expect(String(answer.headers["set-cookie"])).toContain("meiduo_device=");
    expect((await all.test.as(token)({ url: "/user/" })).statusCode).toBe(401);
    expect((await all.test.as(answer.json().token)({ url: "/user/" })).statusCode).toBe(200);
    expect(await lastLogIn(id)).toBe(last);
  });

  test("a reset, after which its owner logs in by the new password", async () => {
    const username = fresh();
    const { id, email } = await signUp(username);
    const last = await lastLogIn(id);
    const email_code = await all.test.codeFor(email, "resetpwd");
    const typed = { password: "another-8Bb", password2: "another-8Bb" };
    const answer = await quietly(() => post("/users/password/", { email, email_code, ...typed }));
    expect(answer.json()).toEqual({ message: "OK" });
    expect(await lastLogIn(id)).toBe(last);
  });
});
