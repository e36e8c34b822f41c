import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDisownTokens } from "../../src/sessions/disown-token.ts";
import { cookieIn } from "../support/devices.ts";
import { claimsOf } from "../support/forged-token.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

let test: TestApp;
let owner: Person;
beforeEach(() => begin());
afterEach(() => test.close());

async function begin(env: Record<string, string> = {}) {
  test = await startTestApp({ env: { TRUST_PROXY: "1", AUTHENTICATORS: "jwt,basic", ...env } });
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
  await told();
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
async function logIn({ from = "203.0.113.7", userAgent = firefox, cookie = "" } = {}) {
  const answer = await test.anonymous({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username: "python01", password },
    headers: { "x-forwarded-for": from, "user-agent": userAgent, cookie },
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return { token: String(answer.json().token), cookie: cookieIn(answer.headers["set-cookie"]) };
}
/** The mails about new devices since the last look. */
async function told() {
  await test.runJobs();
  return test.mailbox.splice(0).filter(({ subject }) => subject.includes("新设备"));
}
const linkIn = (text: string) => /\/not-me#(\S+)/.exec(text)?.[1] ?? "";
const disown = (token: string) =>
  test.anonymous({ method: "POST", url: "/user/sessions/disown/", payload: { token } });
const statusOf = async (token: string) => (await test.as(token)({ url: "/user/" })).statusCode;

describe("the owner is told of a log-in from a new device", () => {
  it("once, with browser, system and network, in both languages", async () => {
    await logIn();
    const mails = await told();
    expect(mails.map(({ to }) => to)).toEqual(["44@qq.com"]);
    expect(mails[0]!.text).toContain("Firefox · Linux");
    expect(mails[0]!.text).toContain("203.0.113.7");
    expect(mails[0]!.text).toContain("This wasn’t me");
    test.clock.advance(86_400);
    await logIn();
    expect(await told()).toEqual([]);
  });

  it("not of another network alone, nor of a browser that was brought up to date", async () => {
    await logIn();
    await told();
    await logIn({ from: "198.51.100.1" });
    await logIn({ userAgent: firefox.replaceAll("140.0", "141.0") });
    expect(await told()).toEqual([]);
    await logIn({ from: "198.51.100.1", userAgent: "curl/8.14" });
    expect(await told()).toHaveLength(1);
  });

  it("not where the browser brings the cookie of a device that is known", async () => {
    const { cookie } = await logIn();
    await told();
    await logIn({ from: "198.51.100.1", userAgent: "curl/8.14", cookie });
    expect(await told()).toEqual([]);
  });

  it("not again after a new password, and not of the sign-up itself or of HTTP Basic", async () => {
    const { token } = await logIn();
    await told();
    const payload = { current_password: password, password: "another-8Bb", password2: "another-8Bb" };
    const headers = { "user-agent": "curl/8.14" };
    await test.as(token)({ method: "PUT", url: "/user/password/", payload, headers });
    await test.signUp({ username: "python03", email: "45@qq.com" });
    const basic = `Basic ${Buffer.from("python01:another-8Bb").toString("base64")}`;
    const asked = { authorization: basic, "user-agent": "monitoring/1" };
    expect((await test.anonymous({ url: "/user/", headers: asked })).statusCode).toBe(200);
    expect(await told()).toEqual([]);
  });

  it("of one mail where it logs in many times at once", async () => {
    await Promise.all(Array.from({ length: 8 }, () => logIn({ userAgent: "curl/8.14" })));
    expect(await told()).toHaveLength(1);
  });

  it("not at all by NEW_DEVICE_MAIL=false", async () => {
    await test.close();
    await begin({ NEW_DEVICE_MAIL: "false" });
    await logIn();
    expect(await told()).toEqual([]);
  });
});

describe("this wasn't me", () => {
  it("ends every session of the account, mails a code, and is in the audit log", async () => {
    const { token } = await logIn();
    const link = linkIn((await told())[0]!.text);
    expect(link).toContain(String(claimsOf(token).sid));
    const answer = await disown(link);
    expect(answer.json()).toEqual({ message: "OK", mailed: true });
    expect([await statusOf(token), await statusOf(owner.token)]).toEqual([401, 401]);
    await test.runJobs();
    expect(test.mailbox.map(({ to, subject }) => [to, /重置/.test(subject)])).toEqual([["44@qq.com", true]]);
    const entries = await test.app.db.kysely.selectFrom("audit_entries").selectAll().execute();
    expect(entries).toMatchObject([{ action: "session.disowned", target_id: owner.id }]);
  });

  it("is good for seven days", async () => {
    await logIn();
    const link = linkIn((await told())[0]!.text);
    test.clock.advance(7 * 86_400);
    expect((await disown(link)).statusCode).toBe(200);
    test.clock.advance(1);
    expect((await disown(link)).statusCode).toBe(400);
  });

  it.each([
    ["another account's", (id: number) => `${id + 1}`],
    ["of nobody", () => "x"],
  ])("does nothing with a link that is %s", async (_, userId) => {
    const { token } = await logIn();
    const [, ...rest] = linkIn((await told())[0]!.text).split(".");
    expect((await disown([userId(owner.id), ...rest].join("."))).statusCode).toBe(400);
    expect(await statusOf(token)).toBe(200);
  });

  it("mails no code to a disabled account", async () => {
    await test.app.db.kysely.updateTable("users").set({ is_active: 0 }).execute();
    const at = test.clock.now();
    const link = createDisownTokens([testSecretKey]).issue({ userId: owner.id, sessionId: "s", at });
    expect((await disown(link)).json()).toEqual({ message: "OK", mailed: false });
  });
});

it("a device not seen for 180 days is forgotten", async () => {
  test.clock.advance(180 * 86_400 - 1);
  expect(await test.app.maintenance.run()).toMatchObject({ device_notices: 0 });
  test.clock.advance(1);
  expect(await test.app.maintenance.run()).toMatchObject({ device_notices: 1 });
});
