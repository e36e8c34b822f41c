import { afterAll, beforeAll, expect, it } from "vitest";
import { forge } from "../support/forged-token.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What clients written for drf-simplejwt renew their token on. */
let test: TestApp;
let token: string;
beforeAll(async () => {
  test = await startTestApp();
  ({ token } = await test.signUp({ username: "python01", email: "44@qq.com" }));
});
afterAll(() => test.close());

const now = () => Math.floor(test.clock.now() / 1000);
const legacy = (over: object = {}) =>
  forge({ user_id: 1, username: "python01", exp: now() + 86_400, email: "44@qq.com", ...over });

async function codeOf(authorization?: string): Promise<unknown> {
  const answer = await test.anonymous({
    url: "/user/",
    headers: authorization === undefined ? {} : { authorization },
  });
  expect(answer.statusCode, answer.body).toBe(401);
  return answer.json().code;
}

it.each<[string, () => string]>([
  ["none of ours", () => "x.y.z"],
  ["expired", () => legacy({ exp: now() })],
  ["another kind", () => legacy({ token_type: "refresh" })],
  ["no user name", () => legacy({ username: undefined })],
  ["an account that is gone", () => legacy({ user_id: 99, username: "ghost" })],
  ["ended credentials", () => legacy({ v: 99 })],
])("a bad token is told by a code, whatever the scheme: %s", async (_, make) => {
  for (const scheme of ["JWT", "Bearer", "bearer"])
    expect(await codeOf(`${scheme} ${make()}`)).toBe("token_not_valid");
});

it.each([undefined, "JWT", "JWT a b", "Basic x"])(
  "a header without a token says nothing of one: %j",
  async (header) => {
    expect(await codeOf(header)).toBeUndefined();
  },
);

it("a disabled account's token has none: it can't be renewed into anything", async () => {
  await test.app.db.kysely.updateTable("users").set({ is_active: 0 }).execute();
  expect(await codeOf(`JWT ${token}`)).toBeUndefined();
  await test.app.db.kysely.updateTable("users").set({ is_active: 1 }).execute();
});

it("stands after what the tutorial's clients read, on open routes too; RFC 9457 keeps our own code", async () => {
  const open = await test.anonymous({
    url: "/users/usernames/python01/count/",
    headers: { authorization: "Bearer x.y.z", "accept-language": "en" },
  });
  const text = "Error decoding signature.";
  expect(open.body).toBe(JSON.stringify({ detail: text, message: text, code: "token_not_valid" }));
  const accept = "application/problem+json";
  const problem = await test.anonymous({ url: "/user/", headers: { authorization: "JWT x.y.z", accept } });
  expect(problem.json()).toMatchObject({ status: 401, code: "token_undecodable" });
});
