import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { refusalLimits } from "../../src/sessions/refusals.ts";
import { forge } from "../support/forged-token.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What a client costs that shows a dead refresh token for ever, counted in calls of the stores. */
let test: TestApp;
beforeEach(async () => {
  test = await startTestApp();
  await makePerson(test, "python01", { email: "44@qq.com" });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await test.close();
});

const paths = {
  "/user/tokens/refresh/": "refresh_token",
  "/token/refresh/": "refresh",
  "/api/token/refresh/": "refresh",
  "/api/token/verify/": "token",
  "/api/token/blacklist/": "refresh",
} as const;
type Path = keyof typeof paths;

const show = (token: string, remoteAddress = "192.0.2.1", url: Path = "/user/tokens/refresh/") =>
  test.anonymous({ method: "POST", url, payload: { [paths[url]]: token }, remoteAddress });

async function logIn(remoteAddress = "192.0.2.1"): Promise<string> {
  const payload = { username: "python01", password, refresh: true };
  const url = "/users/authorizations/";
  const answer = await test.anonymous({ method: "POST", url, payload, remoteAddress });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().refresh_token;
}

/** One whose session has ended. */
async function deadToken(remoteAddress?: string): Promise<string> {
  const token = await logIn(remoteAddress);
  expect((await show(token, remoteAddress, "/api/token/blacklist/")).statusCode).toBe(200);
  return token;
}

/** Calls of the stores from now on: reads of the database, and everything else that is asked of either store. */
function countWork() {
  const { db, kv } = test.app;
  const reads = [vi.spyOn(db, "first"), vi.spyOn(db, "all")];
  const others = [
    vi.spyOn(db, "transaction"),
    ...(["get", "set", "add", "take", "increment", "delete", "batch"] as const).map((verb) =>
      vi.spyOn(kv, verb),
    ),
  ];
  const read = () =>
    reads
      .flatMap(({ mock }) => mock.calls.map(([statement]) => statement.name))
      // Without what the background asks for now and then.
      .filter((name) => !/^(installation|jobs|signing_keys)\./.test(name));
  const asked = () => others.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  return { read, of: () => ({ reads: read().length, others: asked() }) };
}

describe("a client that shows a dead token for ever", () => {
  it.each(Object.keys(paths) as Path[])("costs one read a try, then none, at %s", async (path) => {
    const token = await deadToken();
    const work = countWork();
    const statuses: number[] = [];
    for (let i = 0; i < 100; i++) statuses.push((await show(token, undefined, path)).statusCode);
    const refusal = path.endsWith("verify/") ? 400 : 401;
    const { perSession } = refusalLimits;
    expect(statuses).toEqual([...Array(perSession).fill(refusal), ...Array(100 - perSession).fill(429)]);
    expect(work.of()).toEqual({ reads: perSession, others: 0 });
    expect(new Set(work.read())).toEqual(new Set(["sessions.renewable"]));
  });

  it("is told when to come back, and may then", async () => {
    const token = await deadToken();
    for (let i = 0; i < refusalLimits.perSession; i++) await show(token);
    test.clock.advance(20);
    const answer = await show(token);
    expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([429, "40"]);
    expect(answer.json().detail).toBe("请求超过了限速。");
    test.clock.advance(40);
    expect((await show(token)).statusCode).toBe(401);
  });

  it("is counted with every token of its session, whatever network it comes from", async () => {
    const first = await logIn();
    const second = (await show(first)).json().refresh_token;
    await show(second, undefined, "/api/token/blacklist/");
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++)
      for (const [token, from] of [
        [first, "192.0.2.1"],
        [second, "198.51.100.7"],
      ] as const)
        statuses.push((await show(token, from)).statusCode);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it("costs one read where the token was replaced long ago, once its session has ended", async () => {
    const first = await logIn();
    await show(first);
    test.clock.advance(31);
    expect((await show(first)).statusCode).toBe(401);
    const work = countWork();
    expect((await show(first)).statusCode).toBe(401);
    expect(work.of()).toEqual({ reads: 1, others: 0 });
  });

  it("costs one read where the account is gone", async () => {
    const token = await logIn();
    await test.app.db.kysely.updateTable("users").set({ is_active: 0 }).execute();
    const work = countWork();
    expect((await show(token)).statusCode).toBe(401);
    expect(work.of()).toEqual({ reads: 1, others: 0 });
  });
});

describe("a network that shows what was never issued", () => {
  const madeUp = (i: number) => forge({ token_type: "refresh", jti: `${i}.0`, user_id: "1", exp: 2e9 });

  it("costs no read, and is told to wait", async () => {
    const work = countWork();
    const statuses: number[] = [];
    for (let i = 0; i < refusalLimits.perNetwork + 20; i++) statuses.push((await show(madeUp(i))).statusCode);
    expect(statuses).toEqual([...Array(refusalLimits.perNetwork).fill(401), ...Array(20).fill(429)]);
    expect(work.of()).toEqual({ reads: 0, others: 0 });
    expect((await show(madeUp(0), "198.51.100.7")).statusCode).toBe(401);
  });

  it("keeps nobody in it from renewing a session that lives, nor from hearing that it has ended", async () => {
    const [living, dead] = [await logIn(), await deadToken()];
    for (let i = 0; i <= refusalLimits.perNetwork; i++) await show(madeUp(i));
    expect((await show(madeUp(0))).statusCode).toBe(429);
    const renewed = await show(living);
    expect(renewed.statusCode, renewed.body).toBe(200);
    expect((await show(renewed.json().refresh_token)).statusCode).toBe(200);
    expect((await show(dead)).statusCode).toBe(401);
    expect((await show(dead)).statusCode).toBe(429);
    expect((await show(dead, "198.51.100.7")).statusCode).toBe(401);
  });
});

it("a session that lives is not counted, however often somebody looks at a token it has replaced", async () => {
  const first = await logIn();
  const second = (await show(first)).json().refresh_token;
  test.clock.advance(31);
  const look = () => show(first, undefined, "/api/token/verify/");
  for (let i = 0; i <= refusalLimits.perSession; i++) expect((await look()).statusCode).toBe(400);
  expect((await show(second)).statusCode).toBe(200);
});
