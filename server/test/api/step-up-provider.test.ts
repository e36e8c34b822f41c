import { afterAll, beforeAll, expect, it } from "vitest";
import { decideInSandbox } from "../../../sandbox/decide.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Proving oneself at a third party: it is asked for a new log-in, and where it says when that was, that is looked at. */
let third: ThirdPartyTest;
beforeAll(async () => {
  // The sandbox reads the machine's clock.
  third = await startThirdPartyTest({ clock: fakeClock(Date.now()) });
});
afterAll(() => third.close());

let count = 0;
const url = "/user/reauthentication/";
const call = (path: string, token: string, payload: object) =>
  third.test.as(token)({ method: "POST", url: path, payload });

async function bound(provider: string, person: string): Promise<string> {
  const made = await third.createBound(provider, person, `fresh${++count}`);
  return String(made.token);
}
const begin = async (provider: string, token: string) =>
  String((await call(`${url}authorization/`, token, { provider })).json().login_url);

async function prove(provider: string, token: string, person: string, trouble = "") {
  const { answer } = await decideInSandbox(await begin(provider, token), {
    person,
    trouble,
    decision: "allow",
  });
  const came = new URL(answer.headers.get("location") ?? "").searchParams;
  const shown = { provider, code: came.get("code")!, state: came.get("state")! };
  return call(url, token, { ...shown, action: "bindings" });
}

it.each([
  ["oidc", { prompt: "login", max_age: "0" }],
  ["weibo", { forcelogin: "true" }],
  ["github", { prompt: "select_account" }],
  ["qq", {}],
  ["wechat", {}],
] as const)("%s is asked for it by %j, and only then", async (provider, wish) => {
  const token = await bound(provider, "penguin");
  const names = ["prompt", "max_age", "forcelogin"];
  const wishes = (address: string) =>
    Object.fromEntries([...new URL(address).searchParams].filter(([name]) => names.includes(name)));
  expect(wishes(await begin(provider, token))).toEqual(wish);
  const logIn = await third.test.anonymous({ url: `/oauth/${provider}/authorization/` });
  expect(wishes(logIn.json().login_url)).toEqual({});
  const proved = await prove(provider, token, "penguin");
  expect(proved.json(), proved.body).toMatchObject({ proof: expect.any(String) });
});

it("an issuer that did not ask again proves nothing, though it says who it is", async () => {
  const token = await bound("oidc", "emoji");
  const refused = await prove("oidc", token, "emoji", "old-log-in");
  expect([refused.statusCode, refused.json().message]).toEqual([
    400,
    "OpenID Connect没有让您重新登录，不能用来确认，请用其他方式。",
  ]);
  expect((await prove("oidc", token, "emoji")).statusCode).toBe(200);
});
