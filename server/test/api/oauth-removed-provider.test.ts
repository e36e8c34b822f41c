import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/**
 * A provider leaves the configuration, its bindings stay in the database: the same data seen by an application that
 * has every provider, and by one that has QQ alone.
 */
let third: ThirdPartyTest;
let later: TestApp;
beforeAll(async () => {
  third = await startThirdPartyTest();
  const { dataDir, database, redisUrl } = third.test.config;
  later = await startTestApp({
    clock: third.test.clock,
    env: {
      SANDBOX: "false",
      QQ_CLIENT_ID: "1",
      QQ_CLIENT_SECRET: "s",
      DATA_DIR: dataDir,
      ...(database.engine === "postgres" && { DATABASE_URL: database.url }),
      ...(redisUrl !== null && { REDIS_URL: redisUrl }),
    },
  });
});
afterAll(async () => {
  await later.close();
  await third.close();
});

const lastWay = { message: "这是您唯一的登录方式，请先设置邮箱和密码，或绑定其他账号。" };

async function add(token: string, provider: string, person: string): Promise<void> {
  const { bind_token } = await third.logIn(provider, person);
  const answer = await third.test.as(token)({
    method: "POST",
    url: `/user/bindings/${provider}/`,
    payload: { bind_token },
  });
  expect(answer.statusCode, answer.body).toBe(201);
}

async function remove(app: TestApp, token: string, provider: string) {
  const answer = await app.as(token)({ method: "DELETE", url: `/user/bindings/${provider}/` });
  // What was refused is rolled back with the writer's next commit, and SQLite's lock held until then; two applications
  // of one process would wait for each other. This is that commit.
  await app.app.db.transaction(async () => {});
  return answer;
}

async function listed(app: TestApp, token: string): Promise<string[]> {
  const answer = await app.as(token)({ url: "/user/bindings/" });
  return (answer.json().bindings as { provider: string; nickname: string }[])
    .map(({ provider, nickname }) => `${provider} ${nickname}`)
    .sort();
}

/** `oidc` is not known any more, `github` is known but has no credentials. */
describe.each(["oidc", "github"])("%s, not configured any more", (gone) => {
  it("logs nobody in", async () => {
    const status = gone === "oidc" ? 404 : 503;
    for (const path of ["authorization/", "user/?code=c&state=s"]) {
      expect((await later.anonymous({ url: `/oauth/${gone}/${path}` })).statusCode).toBe(status);
    }
  });

  it("is listed and removed by an account that has another way in, and its owner is told", async () => {
    const email = `${gone}@qq.com`;
    const user = await third.test.signUp({ username: `had-${gone}`, email });
    await add(user.token, gone, "xiaomei");
    expect(await listed(later, user.token)).toEqual([`${gone} 小美`]);
    const removed = await remove(later, user.token, gone);
    expect(removed.statusCode, removed.body).toBe(204);
    expect(await listed(later, user.token)).toEqual([]);
    await later.runJobs();
    const mails = later.mailbox.filter(({ to }) => to === email);
    const title = gone === "oidc" ? "oidc" : "GitHub";
    const subjects = mails.map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.includes("解绑"))).toEqual([
      `【美多商城】已解绑${title}账号`,
    ]);
    expect(mails.at(-1)!.text).toContain("小美");
    expect((await remove(later, user.token, gone)).statusCode).toBe(404);
    expect(await third.logIn(gone, "xiaomei")).toHaveProperty("bind_token");
  });

  it("is no way to log in: the other binding stays, and can't be removed", async () => {
    const made = await third.createBound("qq", "emoji", `two-${gone}`);
    const token = String(made.token);
    await add(token, gone, "emoji");
    const refused = await remove(later, token, "qq");
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toEqual(lastWay);
    expect(await listed(later, token)).toHaveLength(2);
    // Where the provider is configured it is a way in, so that QQ could go.
    expect((await remove(later, token, gone)).statusCode).toBe(204);
    expect(await third.logIn("qq", "emoji")).toMatchObject({ user_id: made.id });
    await add(token, gone, "emoji");
    expect((await remove(third.test, token, "qq")).statusCode).toBe(204);
    expect(await third.logIn(gone, "emoji")).toMatchObject({ user_id: made.id });
  });

  it("alone is kept: once configured again it is the only way back", async () => {
    const made = await third.createBound(gone, "rtl", `only-${gone}`);
    const token = String(made.token);
    const refused = await remove(later, token, gone);
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toEqual(lastWay);
    expect(await third.logIn(gone, "rtl")).toMatchObject({ user_id: made.id });
  });

  it("is nobody else's to remove", async () => {
    const owner = await third.test.signUp({ username: `owner-${gone}`, email: `owner-${gone}@qq.com` });
    await add(owner.token, gone, "long");
    const other = await third.test.signUp({ username: `other-${gone}`, email: `other-${gone}@qq.com` });
    expect((await remove(later, other.token, gone)).statusCode).toBe(404);
    expect(await listed(later, owner.token)).toHaveLength(1);
  });
});

it("a name nobody has a binding at is not found", async () => {
  const { token } = await third.test.signUp({ username: "curious", email: "curious@qq.com" });
  for (const name of ["nobody", "constructor", "__proto__", "qq"]) {
    expect((await remove(later, token, name)).statusCode, name).toBe(404);
  }
});

describe("two people of one provider at one account", () => {
  it("both log in to it and are listed; removing the provider removes both and tells of each", async () => {
    const user = await third.test.signUp({ username: "two-weibos", email: "two-weibos@qq.com" });
    await add(user.token, "weibo", "penguin");
    await add(user.token, "weibo", "xiaomei");
    for (const person of ["penguin", "xiaomei"]) {
      expect(await third.logIn("weibo", person)).toMatchObject({ user_id: user.id });
    }
    expect(await listed(third.test, user.token)).toEqual(["weibo 小美", "weibo 飞翔的企鹅"]);
    expect((await remove(third.test, user.token, "weibo")).statusCode).toBe(204);
    expect(await listed(third.test, user.token)).toEqual([]);
    for (const person of ["penguin", "xiaomei"]) {
      expect(await third.logIn("weibo", person)).not.toHaveProperty("token");
    }
    await third.test.runJobs();
    const texts = third.test.mailbox
      .filter(({ to, subject }) => to === "two-weibos@qq.com" && subject.includes("解绑微博"))
      .map(({ text }) => text);
    expect(texts).toHaveLength(2);
    for (const nickname of ["小美", "飞翔的企鹅"]) {
      expect(texts.filter((text) => text.includes(nickname))).toHaveLength(1);
    }
  });

  it("are one way to log in, which is not removed when it is the last", async () => {
    const made = await third.createBound("wechat", "penguin", "two-wechats");
    const token = String(made.token);
    await add(token, "wechat", "xiaomei");
    const refused = await remove(third.test, token, "wechat");
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toEqual(lastWay);
    expect(await listed(third.test, token)).toHaveLength(2);
  });
});
