import { afterAll, beforeAll, expect, it } from "vitest";
import { createDisownTokens } from "../../src/sessions/disown-token.ts";
import { claimsOf } from "../support/forged-token.ts";
import { makePerson, password } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/**
 * Whatever ends a session, beside renewals of it: however they interleave, nothing renews it and nothing is opened by its
 * tokens once both have been answered.
 */
let test: TestApp;
let staffToken: string;
beforeAll(async () => {
  test = await startTestApp();
  await makePerson(test, "staffuser", { is_staff: 1, is_superuser: 1 });
});
afterAll(() => test.close());

interface Target {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly token: string;
  readonly refreshToken: string;
}
const post = (url: string, payload: object, token?: string) =>
  (token === undefined ? test.anonymous : test.as(token))({ method: "POST", url, payload });
const admin = (method: "POST" | "PATCH" | "DELETE", url: string, payload?: object) =>
  test.as(staffToken)({ method, url: `/admin/users/${url}`, ...(payload && { payload }) });
const typed = { password: "another-8Bb", password2: "another-8Bb" };

/** By name: what is prepared, and then the one call that ends the session. */
const ends: Readonly<Record<string, (target: Target) => Promise<() => Promise<{ statusCode: number }>>>> = {
  "its own log-out":
    async ({ token }) =>
    () =>
      test.as(token)({ method: "DELETE", url: "/user/sessions/current/" }),
  "its row among the devices": async ({ token }) => {
    const url = `/user/sessions/${claimsOf(token).sid}/`;
    return () => test.as(token)({ method: "DELETE", url });
  },
  "all tokens":
    async ({ token }) =>
    () =>
      post("/user/tokens/end/", {}, token),
  "simplejwt's blacklist":
    async ({ refreshToken }) =>
    () =>
      post("/token/blacklist/", { refresh: refreshToken }),
  "a changed password":
    async ({ token }) =>
    () =>
      test.as(token)({
        method: "PUT",
        url: "/user/password/",
        payload: { current_password: password, ...typed },
      }),
  "a reset password": async ({ email }) => {
    const email_code = await test.codeFor(email, "resetpwd");
    return () => post("/users/password/", { email, email_code, ...typed });
  },
  "this wasn't me": async ({ id, token }) => {
    const facts = { userId: id, sessionId: String(claimsOf(token).sid), at: test.clock.now() };
    const link = createDisownTokens([testSecretKey]).issue(facts);
    return () => post("/user/sessions/disown/", { token: link });
  },
  "another log-in that shows its token":
    async ({ username, token }) =>
    () =>
      post("/users/authorizations/", { username, password }, token),
  "staff: the session":
    async ({ id, token }) =>
    () =>
      admin("DELETE", `${id}/sessions/${claimsOf(token).sid}/`),
  "staff: all tokens":
    async ({ id }) =>
    () =>
      admin("POST", `${id}/end-tokens/`),
  "staff: disabled":
    async ({ id }) =>
    () =>
      admin("PATCH", `${id}/`, { is_active: false }),
  "staff: the second factor taken": async ({ id, username }) => {
    await switchOnSecondFactor(test, username);
    return () => admin("POST", `${id}/second-factor/reset/`, { reason: "lost the phone" });
  },
};

let count = 0;
async function target(): Promise<Target> {
  const username = `leaver${++count}`;
  const email = `${username}@qq.com`;
  const { id } = await makePerson(test, username, { email });
  const { token, refresh_token } = (
    await post("/users/authorizations/", { username, password, refresh: true })
  ).json();
  return { id, username, email, token, refreshToken: refresh_token };
}

it.each(Object.entries(ends))("%s, beside renewals", async (_, prepare) => {
  // What staff do asks for a log-in of the last minutes.
  staffToken = (await post("/users/authorizations/", { username: "staffuser", password })).json().token;
  for (let round = 0; round < 3; round++) {
    const one = await target();
    const end = await prepare(one);
    const renew = () => post("/user/tokens/refresh/", { refresh_token: one.refreshToken });
    const before = Array.from({ length: 4 }, renew);
    const ending = end();
    const renewals = await Promise.all([...before, ...Array.from({ length: 4 }, renew)]);
    expect((await ending).statusCode).toBeLessThan(300);
    const tokens = renewals.flatMap((answer) => (answer.statusCode === 200 ? [answer.json()] : []));
    for (const { token, refresh_token } of [
      { token: one.token, refresh_token: one.refreshToken },
      ...tokens,
    ]) {
      expect((await test.as(token)({ url: "/user/" })).statusCode).toBe(401);
      expect((await post("/user/tokens/refresh/", { refresh_token })).statusCode).toBeGreaterThanOrEqual(401);
    }
    test.clock.advance(61);
  }
});
