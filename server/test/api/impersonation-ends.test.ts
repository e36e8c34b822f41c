import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  impersonationOn,
  impersonationUrl,
  makeHelper,
  mayImpersonate,
  sessionOf,
  tokenFor,
} from "../support/impersonation.ts";
import { makePerson, type Person, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What ends acting in an owner's place, at once and for good. */
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

const byRoot = (method: "PATCH" | "POST" | "DELETE" | "PUT", url: string, payload: object = {}) =>
  test.as(root.token)({ method, url, payload });
const entries = async () =>
  (await test.app.audit.list({ targetKind: "user", targetId: user.id, limit: 50 })).entries;
const status = async (token: string) => (await test.as(token)({ url: "/user/" })).statusCode;

describe("ends at once", () => {
  const actor = async () => {
    const own = await makeHelper(test, `again${count}`);
    return { own, token: await tokenFor(test, own, user.id) };
  };

  it("when whoever acts is disabled, and does not come back with them", async () => {
    const { own, token } = await actor();
    await byRoot("PATCH", `/admin/users/${own.id}/`, { is_active: false });
    expect(await status(token)).toBe(401);
    await byRoot("PATCH", `/admin/users/${own.id}/`, { is_active: true });
    expect(await status(token)).toBe(401);
  });

  it("when the owner may do something that whoever acts may not", async () => {
    const { token } = await actor();
    await byRoot("POST", "/admin/permissions/", {
      ...{ app: "mall", codename: "refund_order", name: "Can refund" },
    });
    expect(await status(token)).toBe(200);
    await byRoot("PUT", `/admin/users/${user.id}/permissions/`, { permissions: ["mall.refund_order"] });
    expect(await status(token)).toBe(401);
  });

  it("when they are staff no more, or lost the permission, and does not come back with it", async () => {
    const first = await actor();
    await byRoot("PUT", `/admin/users/${first.own.id}/permissions/`, { permissions: ["users.view_user"] });
    expect(await status(first.token)).toBe(401);
    await byRoot("PUT", `/admin/users/${first.own.id}/permissions/`, { permissions: [...mayImpersonate] });
    expect(await status(first.token)).toBe(401);
    const token = await tokenFor(test, helper, user.id);
    await byRoot("PATCH", `/admin/users/${helper.id}/`, { is_staff: false });
    expect(await status(token)).toBe(401);
  });

  it("when they log out, or end every log-in of theirs", async () => {
    const first = await actor();
    await test.as(first.own.token)({ method: "DELETE", url: "/user/sessions/current/" });
    expect(await status(first.token)).toBe(401);
    const token = await tokenFor(test, helper, user.id);
    await test.as(helper.token)({ method: "POST", url: "/user/tokens/end/" });
    expect(await status(token)).toBe(401);
  });

  it("when the account is disabled, becomes staff, or has another password", async () => {
    const first = await tokenFor(test, helper, user.id);
    await byRoot("PATCH", `/admin/users/${user.id}/`, { is_staff: true });
    expect(await status(first)).toBe(401);
    await byRoot("PATCH", `/admin/users/${user.id}/`, { is_staff: false });
    expect(await status(first)).toBe(401);
    const second = await tokenFor(test, helper, user.id);
    await byRoot("POST", `/admin/users/${user.id}/disable/`, { reason: "ticket 18" });
    await byRoot("POST", `/admin/users/${user.id}/enable/`, { reason: "ticket 18" });
    expect(await status(second)).toBe(401);
  });

  it("by whoever acts, by other staff, and by the owner in their list; with an entry that says who ended it", async () => {
    const first = await tokenFor(test, helper, user.id);
    const listed = await test.as(helper.token)({ url: impersonationUrl(user.id) });
    expect(listed.json()).toMatchObject({
      ...{ on: true, under_way: [{ by: { id: helper.id, username: helper.username } }] },
    });
    expect((await byRoot("DELETE", impersonationUrl(user.id))).statusCode).toBe(204);
    expect(await status(first)).toBe(401);
    expect((await byRoot("DELETE", impersonationUrl(user.id))).statusCode).toBe(404);
    const second = await tokenFor(test, helper, user.id);
    const fresh = await tokenOf(test, user.username);
    const url = `/user/sessions/${sessionOf(second)}/`;
    expect((await test.as(fresh)({ method: "DELETE", url })).statusCode).toBe(204);
    expect(await status(second)).toBe(401);
    const third = await tokenFor(test, helper, user.id);
    const listedUrl = `/admin/users/${user.id}/sessions/${sessionOf(third)}/`;
    expect((await byRoot("DELETE", listedUrl)).statusCode).toBe(204);
    expect(await status(third)).toBe(401);
    const ends = (await entries()).filter(({ action }) => action === "user.impersonate-end");
    expect(ends.map(({ actor: by, before }) => [by.id, before])).toEqual([
      [root.id, { is_impersonated: true }],
      [user.id, { is_impersonated: true }],
      [root.id, { is_impersonated: true }],
    ]);
    const none = await test.as(helper.token)({ url: impersonationUrl(user.id) });
    expect(none.json()).toEqual({ on: true, under_way: [] });
  });
});
