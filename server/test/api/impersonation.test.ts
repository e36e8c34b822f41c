import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { auditLineOf } from "../../src/audit/audit-line.ts";
import { lastSeenIn } from "../../src/sessions/last-seen-store.ts";
import { createRefreshTokens } from "../../src/sessions/refresh-token.ts";
import { claimsOf, forge } from "../support/forged-token.ts";
import { begin, impersonationOn, makeHelper, sessionOf, tokenFor } from "../support/impersonation.ts";
import { grant, makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Acting in an owner's place: what it is, who never may and in whose place, and what ends it. */
let test: TestApp;
let root: Person;
let helper: Person;
let user: Person;
let count = 0;
beforeAll(async () => {
  test = await startTestApp({ env: impersonationOn });
  root = await makePerson(test, "rootuser", { is_superuser: 1 });
});
afterAll(() => test.close());
beforeEach(async () => {
  count++;
  // The clock was moved.
  root.token = await tokenOf(test, root.username);
  helper = await makeHelper(test, `helper${count}`);
  user = await makePerson(test, `owner${count}`, { email: `owner${count}@example.com` });
});

const me = (token: string) => test.as(token)({ url: "/user/" });
const entries = async (id = user.id) =>
  (await test.app.audit.list({ targetKind: "user", targetId: id, limit: 50 })).entries;
/** As if the server had issued one for that session. */
const refreshTokenOf = (token: string) =>
  createRefreshTokens([testSecretKey]).issue({
    ...{ sessionId: sessionOf(token), userId: user.id, number: 0 },
    exp: Math.floor(test.clock.now() / 1000) + 3600,
  });
const status = async (token: string) => (await me(token)).statusCode;

describe("begun", () => {
  it("answers a token of the account that says who acts, for an hour, and none that renews it", async () => {
    const answer = await begin(test, helper, user.id);
    expect(answer.statusCode, answer.body).toBe(201);
    expect(Object.keys(answer.json()).sort()).toEqual(["ends", "token", "user_id", "username"]);
    const { token, user_id, username, ends } = answer.json();
    expect({ user_id, username }).toEqual({ user_id: user.id, username: user.username });
    expect(Date.parse(ends) - test.clock.now()).toBeLessThanOrEqual(3_600_000);
    const claims = claimsOf(token);
    expect(claims).toMatchObject({ user_id: user.id, act: { sub: String(helper.id) } });
    expect(claims.exp as number).toBe(Date.parse(ends) / 1000);
    expect((await me(token)).json()).toMatchObject({ id: user.id, username: user.username });
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  it("is told to the owner, by a mail without a link that would end their own log-ins", async () => {
    const before = test.mailbox.length;
    await tokenFor(test, helper, user.id);
    await test.runJobs();
    const mails = test.mailbox
      .slice(before)
      .filter(({ kind, to }) => kind === "impersonation_begun" && to === `owner${count}@example.com`);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).not.toContain("not-me");
    expect(mails[0]?.text).not.toContain(helper.username);
    const { sessions } = (await test.as(user.token)({ url: "/user/sessions/" })).json();
    expect(sessions.find(({ way }: { way: string }) => way === "impersonation")).toMatchObject({
      ...{ browser: "", system: "", network: "", current: false },
    });
    const { log_ins } = (await test.as(user.token)({ url: "/user/log-ins/" })).json();
    const ways = log_ins.map(({ way, network }: Record<string, unknown>) => [way, network]);
    expect(ways).toContainEqual(["impersonation", ""]);
  });

  it("is no use of the account by its owner: no log-in, no device, no sign that a factor is not lost", async () => {
    const before = await test.app.users.byId(user.id);
    const devices = () =>
      test.app.db.kysely.selectFrom("known_devices").selectAll().where("user_id", "=", user.id).execute();
    const version = before!.credentials_version;
    const seenAt = () => lastSeenIn(test.app.db, { userId: user.id, version });
    const known = await devices();
    const seen = await seenAt();
    await test.runJobs();
    const newDevices = () => test.mailbox.filter(({ kind }) => kind === "new_device").length;
    const told = newDevices();
    test.clock.advance(700);
    const token = await tokenFor(test, helper, user.id);
    test.clock.advance(700);
    expect(await status(token)).toBe(200);
    const after = await test.app.users.byId(user.id);
    expect(after?.last_login_at).toBe(before?.last_login_at);
    expect(await devices()).toEqual(known);
    expect(await seenAt()).toBe(seen);
    await test.runJobs();
    expect(newDevices()).toBe(told);
  });

  it("is in the audit log with both names, from its begin to its end", async () => {
    const token = await tokenFor(test, helper, user.id);
    await test.as(token)({ method: "PATCH", url: "/user/", payload: { first_name: "Lan" } });
    await test.as(token)({ method: "DELETE", url: "/user/sessions/current/" });
    const by = { id: helper.id, name: helper.username };
    const [end, change, start] = await entries();
    expect(start).toMatchObject({
      ...{ action: "user.impersonate", actor: by, target: user.username },
      after: { is_impersonated: true, reason: "ticket 17" },
    });
    expect(change).toMatchObject({
      ...{ action: "user.change", actor: { ...by, onBehalfOf: user.id }, target: user.username },
      ...{ before: { first_name: "" }, after: { first_name: "Lan" } },
    });
    expect(end).toMatchObject({
      ...{ action: "user.impersonate-end", actor: { ...by, onBehalfOf: user.id } },
      ...{ before: { is_impersonated: true }, after: { is_impersonated: false } },
    });
    const line = auditLineOf(change!);
    expect(line).toMatchObject({ actor: { id: helper.id }, on_behalf_of: { id: user.id } });
    expect(JSON.stringify(line)).not.toContain(helper.username);
    const shown = await test.as(root.token)({ url: `/admin/audit/?target=${user.id}&action=user.change` });
    expect(shown.json().results[0]).toMatchObject({
      actor: { id: helper.id, username: helper.username },
      on_behalf_of: { id: user.id, username: user.username },
    });
  });

  it("counts as work of whoever acts: their own session does not end as unused meanwhile", async () => {
    const own = await test.anonymous({
      ...{ method: "POST", url: "/users/authorizations/" },
      payload: { username: helper.username, password, refresh: true },
    });
    const token = await tokenFor(test, { token: own.json().token }, user.id);
    // STAFF_SESSION_IDLE is half an hour.
    for (let minutes = 0; minutes < 50; minutes += 10) {
      expect(await status(token)).toBe(200);
      test.clock.advance(600);
    }
    expect(await status(token)).toBe(200);
  });

  it("tells services that introspect who acts", async () => {
    const nobody = { id: null, name: "test", requestId: null };
    const scopes = ["sessions.introspect_token"];
    const input = { name: `shop${count}`, scopes, networks: [], lifeSeconds: null };
    const { secret } = await test.app.services.add(nobody, input);
    const ask = (token: string) =>
      test.anonymous({
        ...{ method: "POST", url: "/token/introspect/", payload: { token } },
        headers: { authorization: `Bearer ${secret}` },
      });
    const acting = await ask(await tokenFor(test, helper, user.id));
    expect(acting.json()).toMatchObject({ sub: String(user.id), act: { sub: String(helper.id) } });
    expect((await ask(user.token)).json()).not.toHaveProperty("act");
  });
});

describe("never", () => {
  it("without the permission, a reason, or a session of one's own", async () => {
    const clerk = await makePerson(test, `clerk${count}`, { is_staff: 1, permissions: ["users.view_user"] });
    expect((await begin(test, clerk, user.id)).statusCode).toBe(403);
    expect((await begin(test, user, helper.id)).statusCode).toBe(403);
    expect((await begin(test, helper, user.id, "x")).statusCode).toBe(400);
    expect(await entries()).toEqual([]);
  });

  it("in one's own place, in that of staff or superusers, disabled, about to be deleted, or gone", async () => {
    const refused = async (staff: Person, id: number) => {
      const answer = await begin(test, staff, id);
      return [answer.statusCode, answer.json().message ?? answer.json().detail];
    };
    const [, words] = await refused(helper, helper.id);
    const disabled = await makePerson(test, `away${count}`, { is_active: 0 });
    const other = await makePerson(test, `staff${count}`, { is_staff: 1 });
    const leaving = await makePerson(test, `leaving${count}`);
    await test.app.db.kysely
      .updateTable("users")
      .set({ deletion_due_at: test.clock.now() + 86_400_000 })
      .where("id", "=", leaving.id)
      .execute();
    for (const { id } of [helper, root, disabled, other, leaving]) {
      expect(await refused(helper, id)).toEqual([409, words]);
      expect(await refused(root, id)).toEqual([409, words]);
    }
    expect((await begin(test, helper, 999_999)).statusCode).toBe(404);
    expect(words).toContain("不能代表");
  });

  it("of somebody who may do what one may not", async () => {
    await grant(test, user.id, ["users.delete_user"]);
    expect((await begin(test, helper, user.id)).statusCode).toBe(403);
    expect((await begin(test, root, user.id)).statusCode).toBe(201);
  });

  it("out of one already: no chain, and nothing under /admin/", async () => {
    const token = await tokenFor(test, helper, user.id);
    const other = await makePerson(test, `other${count}`);
    const answer = await begin(test, { token }, other.id);
    expect(answer.statusCode).toBe(403);
    expect(answer.json().message).toContain("代表用户操作");
  });

  it("beside another: one's own former one ends, somebody else's is refused", async () => {
    const other = await makePerson(test, `other${count}`);
    const first = await tokenFor(test, helper, user.id);
    expect((await begin(test, root, user.id)).statusCode).toBe(409);
    const second = await tokenFor(test, helper, other.id);
    expect([await status(first), await status(second)]).toEqual([401, 200]);
    expect((await entries()).map(({ action }) => action)).toContain("user.impersonate-end");
    expect((await begin(test, root, user.id)).statusCode).toBe(201);
  });

  it("once the time is over, whatever it is used for, and with nothing to renew it", async () => {
    const token = await tokenFor(test, helper, user.id);
    test.clock.advance(3599);
    expect(await status(token)).toBe(200);
    test.clock.advance(1);
    expect(await status(token)).toBe(401);
    const made = refreshTokenOf(token);
    for (const url of ["/user/tokens/refresh/", "/token/refresh/"]) {
      const payload = url.startsWith("/token") ? { refresh: made } : { refresh_token: made };
      expect((await test.anonymous({ method: "POST", url, payload })).statusCode).toBe(401);
    }
  });

  it("by a refresh token while it lasts", async () => {
    const token = await tokenFor(test, helper, user.id);
    const made = refreshTokenOf(token);
    const payload = { refresh_token: made };
    const answer = await test.anonymous({ method: "POST", url: "/user/tokens/refresh/", payload });
    expect(answer.statusCode).toBe(401);
  });

  it("with a token of another service that says somebody acts", async () => {
    const exp = Math.floor(test.clock.now() / 1000) + 600;
    const claims = { user_id: user.id, username: user.username, exp, email: "" };
    expect(await status(forge(claims))).toBe(200);
    expect(await status(forge({ ...claims, act: { sub: "1" } }))).toBe(401);
  });
});
