import { afterEach, beforeEach, expect, it } from "vitest";
import { forge } from "../support/forged-token.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A log-in that shows the token it had ends that session (ASVS 7.2.4). */
let test: TestApp;
beforeEach(async () => {
  test = await startTestApp();
  await makePerson(test, "python01", { email: "44@qq.com" });
  await makePerson(test, "python02", { email: "45@qq.com" });
});
afterEach(() => test.close());

async function logIn(authorization?: string, username = "python01") {
  const answer = await test.anonymous({
    ...{ method: "POST", url: "/users/authorizations/", payload: { username, password, refresh: true } },
    headers: authorization === undefined ? {} : { authorization },
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as { token: string; refresh_token: string };
}
const statusOf = async (token: string) => (await test.as(token)({ url: "/user/" })).statusCode;
const renewalOf = async (refresh_token: string) =>
  (await test.anonymous({ method: "POST", url: "/user/tokens/refresh/", payload: { refresh_token } }))
    .statusCode;

it.each(["JWT", "Bearer"])("ends it, with its refresh token, after %s; others live on", async (scheme) => {
  const [earlier, elsewhere] = [await logIn(), await logIn()];
  const present = await logIn(`${scheme} ${earlier.token}`);
  expect(await statusOf(earlier.token)).toBe(401);
  expect(await renewalOf(earlier.refresh_token)).toBe(401);
  expect([await statusOf(present.token), await statusOf(elsewhere.token)]).toEqual([200, 200]);
  const ended = await test.app.db.kysely
    .selectFrom("sessions")
    .select("ended_by")
    .where("ended_at", "is not", null)
    .execute();
  expect(ended).toEqual([{ ended_by: "log_in" }]);
});

it("ends it also where somebody else logs in, and on simplejwt's path", async () => {
  const first = await logIn();
  const second = await logIn(`JWT ${first.token}`, "python02");
  expect(await statusOf(first.token)).toBe(401);
  const answer = await test.anonymous({
    ...{ method: "POST", url: "/api/token/", payload: { username: "python01", password } },
    headers: { authorization: `Bearer ${second.token}` },
  });
  expect([answer.statusCode, await statusOf(second.token)]).toEqual([200, 401]);
});

it("ends nothing by a wrong password, nor by a sign-up", async () => {
  const { token } = await logIn();
  const headers = { authorization: `JWT ${token}` };
  const payload = { username: "python01", password: "not-the-password" };
  await test.anonymous({ method: "POST", url: "/users/authorizations/", payload, headers });
  expect(await statusOf(token)).toBe(200);
  const email_code = await test.codeFor("46@qq.com");
  const made = await test.as(token)({
    ...{ method: "POST", url: "/users/" },
    payload: {
      ...{ username: "python03", email: "46@qq.com", email_code, allow: "true" },
      ...{ password: "12345678aA", password2: "12345678aA" },
    },
  });
  expect([made.statusCode, await statusOf(token)]).toEqual([201, 200]);
});

it("is kept from nothing by a token that is bad, over or another service's", async () => {
  const { token, refresh_token } = await logIn();
  const exp = Math.floor(test.clock.now() / 1000) + 600;
  const foreign = forge({ user_id: 1, username: "python01", exp, email: "" });
  for (const shown of ["x.y.z", refresh_token, forge({ exp: 1 }), foreign])
    expect(await statusOf((await logIn(`JWT ${shown}`)).token)).toBe(200);
  for (const header of ["JWT", "JWT a b", `Basic ${token}`]) await logIn(header);
  expect([await statusOf(token), await statusOf(foreign)]).toEqual([200, 200]);
});
