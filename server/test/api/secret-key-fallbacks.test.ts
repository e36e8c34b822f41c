import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sealedAfter, writeSealedFactor } from "../../src/factors/factor-store.ts";
import { countFactorsUnderBefore, resealFactors } from "../../src/factors/reseal-factors.ts";
import { createStates } from "../../src/identities/flow/state.ts";
import { changeIdentity, readIdentity } from "../../src/installation/identity.ts";
import { ownerOf } from "../../src/installation/installation.ts";
import { withRedisClaim } from "../../src/installation/redis-claim-of.ts";
import { createCookieTokens } from "../../src/sessions/cookie-token.ts";
import { cookieIn } from "../support/devices.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/**
 * SECRET_KEY takes another's place: with the old one in SECRET_KEY_FALLBACKS nobody notices, without it everything of
 * before has ended. Each kind of value is tried under both, so a kind that forgets the fallbacks fails here.
 */
const newKey = "another-key-0123456789-abcdefghij-0123456789";
type Site = Awaited<ReturnType<typeof restartedSite>>;

const open: { close(): Promise<void> }[] = [];
let before: TestApp;
let owner: Person;
beforeEach(async () => {
  before = await startTestApp({ env: { TRUST_PROXY: "1", SIGN_UP: "open" } });
  open.push(before);
  owner = await makePerson(before, "python01", { email: "44@qq.com", is_superuser: 1 });
  await before.runJobs();
  before.mailbox.splice(0);
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** As it is after the restart with the new key; `knowsOld` with the old one as a fallback. */
async function renewed(knowsOld: boolean): Promise<Site> {
  if (!knowsOld) await takeOver();
  const secretKeyFallbacks = knowsOld ? [testSecretKey] : [];
  const site = await restartedSite(before, { secretKey: newKey, secretKeyFallbacks });
  open.push(site);
  return site;
}
/** As the operator says by `installation take-over` that the other key is meant. */
async function takeOver(): Promise<void> {
  const { id } = (await readIdentity(before.app.db))!;
  const identity = await changeIdentity(before.app.db, newKey, id);
  await withRedisClaim(before.config, async (claim) => claim?.take(ownerOf(identity)));
}
const post = (site: Pick<Site, "anonymous">, url: string, payload: object, headers = {}) =>
  site.anonymous({ method: "POST", url, payload, headers });
const statusOf = async (site: Site, token: string) => (await site.as(token)({ url: "/user/" })).statusCode;

it("a start with a key that the database doesn't know is refused, with the old one beside it it isn't", async () => {
  await expect(restartedSite(before, { secretKey: newKey, secretKeyFallbacks: [] })).rejects.toThrow(
    /SECRET_KEY/,
  );
  expect((await (await renewed(true)).anonymous({ url: "/readyz" })).statusCode).toBe(200);
});

describe.each([
  [true, "goes on"],
  [false, "has ended"],
])("with the old key as a fallback: %s, what is of before %s", (knowsOld) => {
  it("access tokens; new ones are under the new key alone", async () => {
    const site = await renewed(knowsOld);
    expect(await statusOf(site, owner.token)).toBe(knowsOld ? 200 : 401);
    const { token } = (await post(site, "/users/authorizations/", { username: "python01", password })).json();
    expect(await statusOf(site, token)).toBe(200);
    expect((await before.as(token)({ url: "/user/" })).statusCode).toBe(401);
    const other = token.replace(/.$/, (last: string) => (last === "A" ? "E" : "A"));
    expect(await statusOf(site, other)).toBe(401);
  });

  it("refresh tokens, which the next refresh replaces by one under the new key", async () => {
    const payload = { username: "python01", password, refresh: true };
    const { refresh_token } = (await post(before, "/users/authorizations/", payload)).json();
    const site = await renewed(knowsOld);
    const answer = await post(site, "/user/tokens/refresh/", { refresh_token });
    expect(answer.statusCode).toBe(knowsOld ? 200 : 401);
    if (!knowsOld) return;
    const next = answer.json().refresh_token;
    expect((await post(before, "/user/tokens/refresh/", { refresh_token: next })).statusCode).toBe(401);
    // An answer that was lost over the restart.
    expect((await post(site, "/user/tokens/refresh/", { refresh_token })).json().refresh_token).toBe(next);
  });

  it("codes that were mailed, with their tries and their asker", async () => {
    const email = "new01@example.com";
    const email_code = await before.codeFor(email);
    const site = await renewed(knowsOld);
    const fields = { username: "new01", email, password, password2: password, allow: "true" };
    const wrong = email_code === "222222" ? "333333" : "222222";
    expect((await post(site, "/users/", { ...fields, email_code: wrong })).statusCode).toBe(400);
    const answer = await post(site, "/users/", { ...fields, email_code });
    expect(answer.statusCode, answer.body).toBe(knowsOld ? 201 : 400);
    const again = { ...fields, username: "new02", email_code };
    expect((await post(site, "/users/", again)).statusCode).toBe(400);
  });

  it("codes whose mail is still to be written", async () => {
    const email = "new01@example.com";
    await before.anonymous({ url: `/verifications/email_codes/${email}/` });
    const site = await renewed(knowsOld);
    await site.runJobs();
    const email_code = /^ *([2-9A-HJKMNP-Z]{6})$/m.exec(site.mailbox.at(-1)!.text)![1];
    const fields = { username: "new01", email, password, password2: password, allow: "true" };
    expect((await post(site, "/users/", { ...fields, email_code })).statusCode).toBe(knowsOld ? 201 : 400);
  });

  it("five wrong tries at a code are counted together, whichever key the process had", async () => {
    if (!knowsOld) return;
    const email = "new01@example.com";
    const email_code = await before.codeFor(email);
    const site = await renewed(true);
    const fields = { username: "new01", email, password, password2: password, allow: "true" };
    const tried = (where: Pick<Site, "anonymous">, code: string) =>
      post(where, "/users/", { ...fields, email_code: code });
    const wrong = email_code === "222222" ? "333333" : "222222";
    for (const where of [before, site, before, site, site])
      expect((await tried(where, wrong)).statusCode).toBe(400);
    expect((await tried(site, email_code)).statusCode).toBe(400);
    expect((await tried(before, email_code)).statusCode).toBe(400);
  });

  it("the link “this wasn't me” of a mail", async () => {
    const headers = { "x-forwarded-for": "203.0.113.7", "user-agent": "Mozilla/5.0 (X11) Firefox/140.0" };
    await post(before, "/users/authorizations/", { username: "python01", password }, headers);
    await before.runJobs();
    const token = /\/not-me#(\S+)/.exec(before.mailbox.at(-1)!.text)![1];
    const site = await renewed(knowsOld);
    expect((await post(site, "/user/sessions/disown/", { token })).statusCode).toBe(knowsOld ? 200 : 400);
  });

  it("second factors, by the app and by a recovery code", async () => {
    const { recoveryCodes, next } = await switchOnSecondFactor(before, "python01");
    const site = await renewed(knowsOld);
    const stepOf = async () =>
      (await post(site, "/users/authorizations/", { username: "python01", password })).json().step;
    for (const code of [next(), recoveryCodes[0]!]) {
      const answer = await post(site, "/users/second-factor/", { step: await stepOf(), code });
      expect(answer.statusCode).toBe(knowsOld ? 200 : 500);
    }
  });

  it("the cookie of a session", () => {
    const claims = { sessionId: "A".repeat(22), number: 3, lasts: true };
    const value = createCookieTokens([testSecretKey]).issue(claims);
    const read = createCookieTokens(knowsOld ? [newKey, testSecretKey] : [newKey]).read(value);
    expect(read).toEqual(knowsOld ? claims : null);
  });

  it("the state of a third-party log-in under way", async () => {
    const { kv } = before.app;
    const flow = { provider: "qq", next: "/", browser: "b", strict: false, userId: null };
    const state = await createStates({ kv, secretKeys: [testSecretKey] }).issue({
      ...flow,
      secrets: { codeVerifier: "v", nonce: "n" },
    });
    const states = createStates({ kv, secretKeys: knowsOld ? [newKey, testSecretKey] : [newKey] });
    const redeemed = states.redeem(state, { provider: "qq", browserId: null });
    if (knowsOld) expect(await redeemed).toMatchObject(flow);
    else await expect(redeemed).rejects.toMatchObject({ code: "oauth_state_invalid" });
  });

  it("invitations, by their link, and mailed ones whose mail is still to be written", async () => {
    const invite = (payload: object) =>
      before.as(owner.token)({ method: "POST", url: "/admin/invitations/", payload });
    const link = (await invite({ max_uses: 1 })).json().link;
    await invite({ email: "guest@example.com" });
    const site = await renewed(knowsOld);
    await site.runJobs();
    const tokens = [link, ...site.mailbox.map(({ text }) => text)].flatMap(
      (text) => /#invitation=([\w-]+)/.exec(text)?.slice(1) ?? [],
    );
    expect(tokens.length).toBe(knowsOld ? 2 : 1);
    for (const token of tokens) {
      const answer = await post(site, "/users/invitations/", { invitation: token });
      expect(answer.statusCode, answer.body).toBe(knowsOld ? 200 : 400);
    }
  });

  it("secrets of services, which are kept under the new key once they were used", async () => {
    const operator = { id: null, name: "op", requestId: null };
    const wish = { name: "shop", scopes: ["users.view_user"], networks: [], lifeSeconds: null };
    const { secret } = await before.app.services.add(operator, wish);
    const ask = async (where: Pick<Site, "anonymous">) => {
      const headers = { authorization: `Bearer ${secret}` };
      return (await where.anonymous({ url: `/admin/users/${owner.id}/`, headers })).statusCode;
    };
    const site = await renewed(knowsOld);
    expect(await ask(site)).toBe(knowsOld ? 200 : 401);
    await takeOver();
    const later = await restartedSite(before, { secretKey: newKey, secretKeyFallbacks: [] });
    open.push(later);
    expect(await ask(later)).toBe(knowsOld ? 200 : 401);
  });

  it("devices: a cookie of before is a known one, and no mail says that it is new", async () => {
    const headers = { "x-forwarded-for": "203.0.113.7", "user-agent": "Mozilla/5.0 (X11) Firefox/140.0" };
    const first = await post(before, "/users/authorizations/", { username: "python01", password }, headers);
    const cookie = cookieIn(first.headers["set-cookie"]);
    await before.runJobs();
    const site = await renewed(knowsOld);
    const logIn = (over: object) =>
      post(site, "/users/authorizations/", { username: "python01", password }, { ...headers, ...over });
    // From elsewhere: what knows it is the cookie, and the program that the owner was told of.
    await logIn({ "x-forwarded-for": "198.51.100.9", cookie });
    await logIn({ "x-forwarded-for": "198.51.100.10" });
    await site.runJobs();
    const told = site.mailbox.filter(({ subject }) => subject.includes("新设备"));
    expect(told.length).toBe(knowsOld ? 0 : 1);
  });
});

it("second factors that were encrypted anew need the old key no more", async () => {
  const { recoveryCodes, next } = await switchOnSecondFactor(before, "python01");
  const { db } = before.app;
  const keys = [newKey, testSecretKey] as const;
  expect(await countFactorsUnderBefore(db, keys)).toBe(2);
  expect(await db.transaction((transaction) => resealFactors(transaction, keys))).toBe(2);
  expect(await countFactorsUnderBefore(db, keys)).toBe(0);
  const site = await renewed(false);
  for (const code of [next(), recoveryCodes[0]!]) {
    const { step } = (await post(site, "/users/authorizations/", { username: "python01", password })).json();
    expect((await post(site, "/users/second-factor/", { step, code })).statusCode).toBe(200);
  }
});

it("a second factor that was switched on anew meanwhile is not written over by the one of before", async () => {
  await switchOnSecondFactor(before, "python01");
  const { db } = before.app;
  for (const table of ["totp_factors", "recovery_codes"] as const) {
    const [row] = await sealedAfter(db, table, 0);
    await writeSealedFactor(db, table, { ...row!, before: "s1.read-before-that", sealed: "s1.of-before" });
    expect(await sealedAfter(db, table, 0)).toEqual([row]);
  }
});
