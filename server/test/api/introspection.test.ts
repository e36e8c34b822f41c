import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, forge } from "../support/forged-token.ts";
import { introspectionOf, introspector } from "../support/introspection.ts";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** RFC 7662 for services: what a token is worth now, and who may ask. */
let test: TestApp;
let person: Person;
let secret: string;
let isActive: (token: string) => Promise<boolean>;
beforeAll(async () => {
  test = await startTestApp();
  person = await makePerson(test, "python01", { email: "44@qq.com" });
  isActive = await introspectionOf(test);
  secret = await introspector(test, "orders");
});
afterAll(() => test.close());

const ask = (payload: object | string, headers: Record<string, string>) =>
  test.anonymous({ method: "POST", url: "/token/introspect/", payload, headers });
const bearer = () => ({ authorization: `Bearer ${secret}` });
const now = () => Math.floor(test.clock.now() / 1000);

describe("a good token", () => {
  it("is described in few words, and no cache keeps them", async () => {
    const token = await tokenOf(test, "python01");
    const { exp, sid } = claimsOf(token);
    const answer = await ask({ token }, bearer());
    expect(answer.json()).toEqual({
      ...{ active: true, token_type: "Bearer", sub: String(person.id), username: "python01", exp, sid },
    });
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  it("is asked about by a form and HTTP Basic, too, as OAuth's libraries do", async () => {
    const token = await tokenOf(test, "python01");
    const basic = Buffer.from(`orders:${secret}`).toString("base64");
    const answer = await ask(`token=${token}&token_type_hint=access_token`, {
      authorization: `Basic ${basic}`,
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(answer.json()).toMatchObject({ active: true, sub: String(person.id) });
  });

  it("of another service has its issue time and no session", async () => {
    const [exp, iat] = [now() + 600, now() - 5];
    const answer = await ask(
      { token: forge({ user_id: person.id, username: "python01", exp, iat }) },
      bearer(),
    );
    expect(answer.json()).toEqual({
      ...{ active: true, token_type: "Bearer", sub: String(person.id), username: "python01", exp, iat },
    });
  });
});

describe("a token is not active, and nothing else is said", () => {
  const logIn = async () =>
    (
      await test.anonymous({
        method: "POST",
        url: "/users/authorizations/",
        payload: { username: "python01", password, refresh: true },
      })
    ).json();

  it("that is no token, a refresh token, or a service's secret", async () => {
    const { token, refresh_token } = await logIn();
    for (const bad of ["x", "a.b.c", `${token}x`, ` ${token}`, refresh_token, secret]) {
      expect(await isActive(bad), bad.slice(0, 10)).toBe(false);
    }
    expect(await isActive(token)).toBe(true);
  });

  it("whose session has ended", async () => {
    const { token } = await logIn();
    expect(await isActive(token)).toBe(true);
    await test.as(token)({ method: "DELETE", url: "/user/sessions/current/" });
    expect(await isActive(token)).toBe(false);
  });

  it("that has expired", async () => {
    const { token } = await logIn();
    test.clock.advance(901);
    expect(await isActive(token)).toBe(false);
  });

  it("from before a change of credentials", async () => {
    const { token } = await logIn();
    await test.as(token)({ method: "POST", url: "/user/tokens/end/" });
    expect(await isActive(token)).toBe(false);
  });

  it("of an account that is disabled", async () => {
    const other = await makePerson(test, "disabled1");
    expect(await isActive(other.token)).toBe(true);
    await test.app.db.kysely.updateTable("users").set({ is_active: 0 }).where("id", "=", other.id).execute();
    expect(await isActive(other.token)).toBe(false);
  });
});

it("agrees with GET /user/ about every token, whatever it claims", async () => {
  const token = await tokenOf(test, "python01");
  const { v, sid } = claimsOf(token);
  /** Mostly right, so that what is wrong is often one thing alone. */
  const mostly = (right: unknown, ...others: unknown[]) =>
    fc.oneof(
      { weight: 9, arbitrary: fc.constant(right) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    );
  const claims = fc.record(
    {
      user_id: mostly(person.id, String(person.id), 999, null, "x"),
      username: mostly("python01", "PYTHON01", "other", "", 1),
      exp: mostly(now() + 60, now() - 1, now() + 1e9, "soon", 1.5),
      iat: mostly(now(), now() + 1e6, 0, "x"),
      token_type: mostly("access", "refresh", "Bearer"),
      aud: mostly(null, "shop"),
      v: mostly(v, 0, "x", -1),
      sid: mostly(sid, "gone", 7, null),
      nbf: mostly(now() - 1, now() + 100, "x"),
    },
    { requiredKeys: ["user_id", "username", "exp"] },
  );
  let good = 0;
  await fc.assert(
    fc.asyncProperty(claims, async (one) => {
      const made = forge(one);
      const shown = (await test.as(made)({ url: "/user/" })).statusCode === 200;
      if (shown) good++;
      expect(await isActive(made)).toBe(shown);
    }),
    { numRuns: 300 },
  );
  expect(good).toBeGreaterThan(10);
  expect(good).toBeLessThan(290);
});

it("agrees with it where tokens are under keys of their own", async () => {
  const other = await startTestApp({ env: { TOKEN_ALGORITHM: "ES256" } });
  try {
    const asks = await introspectionOf(other);
    const { id, token } = await makePerson(other, "python01");
    const [header, payload, signature] = token.split(".");
    expect(JSON.parse(Buffer.from(header!, "base64url").toString()).alg).toBe("ES256");
    const turned = `${header}.${payload}.${[...signature!].reverse().join("")}`;
    const hs256 = forge({ ...claimsOf(token), user_id: id });
    for (const one of [token, turned, hs256, `${header}.${payload}.`]) {
      const shown = (await other.as(one)({ url: "/user/" })).statusCode === 200;
      expect(await asks(one)).toBe(shown);
    }
    expect([await asks(token), await asks(turned)]).toEqual([true, false]);
  } finally {
    await other.close();
  }
});

describe("who may not ask is refused", () => {
  const refused = { error: "invalid_client" };
  it.each<[string, () => Record<string, string>]>([
    ["nobody", () => ({})],
    ["a person", () => ({ authorization: `JWT ${person.token}` })],
    ["a wrong secret", () => ({ authorization: `Bearer ${secret.slice(0, -1)}` })],
  ])("%s: 401", async (_, headers) => {
    person.token = await tokenOf(test, "python01");
    const answer = await ask({ token: person.token }, headers());
    expect([answer.statusCode, answer.json()]).toEqual([401, expect.objectContaining(refused)]);
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="api", Basic realm="api"');
  });

  it("a service without the scope: 403", async () => {
    const operator = { id: null, name: "test", requestId: null };
    const input = { name: "reader", scopes: ["users.view_user"], networks: [], lifeSeconds: null };
    const { secret: other } = await test.app.services.add(operator, input);
    const answer = await ask({ token: person.token }, { authorization: `Bearer ${other}` });
    expect(answer.statusCode).toBe(403);
  });

  it("a question without a token: 400", async () => {
    expect((await ask({}, bearer())).statusCode).toBe(400);
  });
});
