import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimsOf, forge } from "../support/forged-token.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
let owner: Person;
beforeEach(async () => {
  test = await startTestApp({ env: { TRUST_PROXY: "1" } });
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
});
afterEach(() => test.close());

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async function logIn(userAgent = firefox, refresh?: boolean) {
  test.clock.advance(1);
  const answer = await test.anonymous({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username: "python01", password, refresh },
    headers: { "x-forwarded-for": "203.0.113.7", "user-agent": userAgent },
  });
  const { token, refresh_token } = answer.json();
  return { token: token as string, refresh_token, id: String(claimsOf(token).sid) };
}
const listed = async (token: string) => (await test.as(token)({ url: "/user/sessions/" })).json().sessions;
const ids = async (token: string) => (await listed(token)).map(({ id }: { id: string }) => id);
const end = async (token: string, path: string) =>
  (await test.as(token)({ method: "DELETE", url: `/user/sessions/${path}` })).statusCode;
const statusOf = async (token: string) => (await test.as(token)({ url: "/user/" })).statusCode;

describe("the list", () => {
  it("has each session with browser, system, network and times, the last used first, this one marked", async () => {
    const one = await logIn();
    const at = new Date(test.clock.now()).toISOString();
    const two = await logIn("curl/8.14", true);
    const all = await listed(one.token);
    expect(all.map(({ id, current }: { id: string; current: boolean }) => [id, current])).toEqual([
      [two.id, false],
      [one.id, true],
      [claimsOf(owner.token).sid, false],
    ]);
    expect(all[1]).toEqual({
      ...{ id: one.id, current: true, way: "password", provider: null },
      ...{ browser: "Firefox", system: "Linux", network: "203.0.113.*", created_at: at, last_seen_at: at },
      expires_at: new Date(test.clock.now() - 1000 + 86_400_000).toISOString(),
    });
    expect(all[0]).toMatchObject({
      ...{ browser: "curl", system: "" },
      expires_at: new Date(test.clock.now() + 14 * 86_400_000).toISOString(),
    });
  });

  it("has what lives, of this account alone", async () => {
    await makePerson(test, "python02");
    const { token } = await logIn();
    test.clock.advance(86_400 - 1);
    // The first token's day is over.
    expect(await ids(token)).toEqual([claimsOf(token).sid]);
    await test.as(token)({ method: "POST", url: "/user/tokens/end/" });
    const next = await logIn();
    expect(await ids(next.token)).toEqual([next.id]);
  });
});

describe("ending", () => {
  it("one session ends its tokens and no other's", async () => {
    const [here, there] = [await logIn(), await logIn(firefox, true)];
    expect(await end(here.token, `${there.id}/`)).toBe(204);
    expect(await statusOf(there.token)).toBe(401);
    const payload = { refresh_token: there.refresh_token };
    const renewed = await test.anonymous({ method: "POST", url: "/user/tokens/refresh/", payload });
    expect(renewed.statusCode).toBe(401);
    expect(await statusOf(here.token)).toBe(200);
    expect(await end(here.token, `${there.id}/`)).toBe(404);
  });

  it("of somebody else's session is as if there were none", async () => {
    const stranger = await makePerson(test, "python02");
    expect(await end(owner.token, `${claimsOf(stranger.token).sid}/`)).toBe(404);
    expect(await statusOf(stranger.token)).toBe(200);
  });

  it("all others leaves this one, and says how many there were", async () => {
    const [one, two] = [await logIn(), await logIn()];
    const answer = await test.as(two.token)({ method: "DELETE", url: "/user/sessions/" });
    expect(answer.json()).toEqual({ ended: 2 });
    expect([await statusOf(owner.token), await statusOf(one.token), await statusOf(two.token)]).toEqual([
      401, 401, 200,
    ]);
  });

  it("this one is a log-out: it asks nothing, and the others go on", async () => {
    const { token } = await logIn();
    expect(await end(token, "current/")).toBe(204);
    expect(await statusOf(token)).toBe(401);
    expect(await statusOf(owner.token)).toBe(200);
  });

  it("this one, for a token without a session, ends nothing and says so", async () => {
    const exp = Math.floor(test.clock.now() / 1000) + 60;
    const token = forge({ user_id: owner.id, username: "python01", exp, email: "", v: 0 });
    expect(await end(token, "current/")).toBe(404);
    expect(await ids(token)).toEqual([claimsOf(owner.token).sid]);
  });
});

describe("staff", () => {
  it("see an account's sessions and end one, which the audit log keeps", async () => {
    const staff = await makePerson(test, "staffuser", {
      is_staff: 1,
      permissions: ["users.view_user", "users.change_user", "audit.view_auditentry"],
    });
    const { id, token } = await logIn();
    const url = `/admin/users/${owner.id}/sessions/`;
    const seen = (await test.as(staff.token)({ url })).json().sessions;
    expect(seen.map((one: { id: string }) => one.id)).toEqual([id, claimsOf(owner.token).sid]);
    const ended = await test.as(staff.token)({ method: "DELETE", url: `${url}${id}/` });
    expect(ended.statusCode).toBe(204);
    expect([await statusOf(token), await statusOf(owner.token)]).toEqual([401, 200]);
    const { results } = (await test.as(staff.token)({ url: "/admin/audit/" })).json();
    expect(results[0]).toMatchObject({ action: "user.end-session", target: { id: owner.id } });
    expect((await test.as(staff.token)({ method: "DELETE", url: `${url}${id}/` })).statusCode).toBe(404);
  });

  it("end no superuser's", async () => {
    const staff = await makePerson(test, "staffuser", { is_staff: 1, permissions: ["users.change_user"] });
    const root = await makePerson(test, "rootuser", { is_superuser: 1 });
    const url = `/admin/users/${root.id}/sessions/${claimsOf(root.token).sid}/`;
    expect((await test.as(staff.token)({ method: "DELETE", url })).statusCode).toBe(403);
    expect(await statusOf(root.token)).toBe(200);
  });
});
