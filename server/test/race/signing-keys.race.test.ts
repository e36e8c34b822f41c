import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterEach, expect, it } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { createLog } from "../../src/kernel/log.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Several servers on one database, as processes have it: nothing is shared but the rows. */
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

type Server = TestApp["app"];

async function beside(test: TestApp, env: Partial<TestApp["config"]["signing"]> = {}): Promise<Server> {
  const config = { ...test.config, secretKey: testSecretKey, signing: { ...test.config.signing, ...env } };
  const app = await createApp({ config, log: createLog("silent") }, { clock: test.clock });
  open.push(app);
  return app;
}
async function start(env: Record<string, string> = {}): Promise<TestApp> {
  const test = await startTestApp({ env });
  open.push(test);
  return test;
}
const rowsOf = (test: TestApp) =>
  test.app.db.kysely.selectFrom("signing_keys").selectAll().orderBy("turn").execute();

it("of many servers that start at once with ES256, one makes the key, and all have it", async () => {
  const test = await start();
  const servers = await Promise.all(Array.from({ length: 6 }, () => beside(test, { algorithm: "ES256" })));
  await Promise.all(servers.map((server) => server.api.ready()));
  expect((await rowsOf(test)).map(({ turn, algorithm }) => [turn, algorithm])).toEqual([
    [1, "HS256"],
    [2, "ES256"],
  ]);
  const sets = await Promise.all(servers.map((server) => server.api.inject("/.well-known/jwks.json")));
  expect(new Set(sets.map(({ body }) => body)).size).toBe(1);
});

it("of many servers that find a new key due at once, one adds it", async () => {
  const test = await start({ TOKEN_ALGORITHM: "ES256", TOKEN_KEY_DAYS: "10" });
  const servers = [test.app, ...(await Promise.all(Array.from({ length: 5 }, () => beside(test))))];
  await Promise.all(servers.map((server) => server.api.ready()));
  for (let day = 1; day <= 3; day++) {
    test.clock.advance(10 * 86_400);
    await Promise.all(servers.map((server) => server.maintenance.run()));
    const rows = await rowsOf(test);
    expect(rows.at(-1)!.turn).toBe(2 + day);
    expect(new Set(rows.map(({ turn }) => turn)).size).toBe(rows.length);
  }
});

/**
 * A verifier that keeps the set for as long as the answer allows, and asks for no more when it meets an unknown key: the
 * hardest one to please.
 */
function strictVerifier(server: () => Server, test: TestApp) {
  let kept: { keys: ReturnType<typeof createLocalJWKSet>; until: number } | null = null;
  return async (token: string) => {
    const now = test.clock.now();
    if (kept === null || now >= kept.until) {
      const answer = await server().api.inject("/.well-known/jwks.json");
      const seconds = Number(/max-age=(\d+)/.exec(String(answer.headers["cache-control"]))![1]);
      kept = { keys: createLocalJWKSet(answer.json()), until: now + seconds * 1000 };
    }
    await jwtVerify(token, kept.keys, { algorithms: ["ES256"], currentDate: new Date(now) });
  };
}

it("through three changes of the key no good token is refused, here or by who has the published keys", async () => {
  const test = await start({ TOKEN_ALGORITHM: "ES256", TOKEN_KEY_DAYS: "2", JWT_EXPIRATION_DELTA: "7200" });
  await makePerson(test, "python01");
  const second = await beside(test);
  await second.api.ready();
  const servers = [test.app, second];
  let turn = 0;
  const any = () => servers[turn++ % servers.length]!;
  const verifiers = [strictVerifier(any, test), strictVerifier(any, test), strictVerifier(any, test)];
  const tokens: { token: string; exp: number }[] = [];
  const kids = new Set<unknown>();
  for (let minute = 0; minute < 7 * 24 * 60; minute += 60) {
    // As their clocks do, every few seconds of time that this test doesn't spend.
    await Promise.all(servers.map((server) => server.maintenance.run()));
    const payload = { username: "python01", password };
    const logIn = await any().api.inject({ method: "POST", url: "/users/authorizations/", payload });
    const { token } = logIn.json();
    kids.add(decodeProtectedHeader(token).kid);
    tokens.push({ token, exp: test.clock.now() + 7_200_000 });
    const living = tokens.filter(({ exp }) => exp > test.clock.now() + 1000).slice(-6);
    for (const one of [living[0]!, living.at(-1)!]) {
      for (const verify of verifiers) await verify(one.token);
      const headers = { authorization: `JWT ${one.token}` };
      const answers = await Promise.all(
        servers.map((server) => server.api.inject({ url: "/user/", headers })),
      );
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    }
    test.clock.advance(3600);
  }
  expect(kids.size).toBeGreaterThanOrEqual(3);
});
