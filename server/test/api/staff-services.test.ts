import { afterAll, beforeAll, expect, it } from "vitest";
import { grant, makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Service credentials by staff: what the permission matrix can't show. */
let site: TestApp;
let staff: Person;
let root: Person;
const operator = { id: null, name: "test", requestId: null };
const change = "services.change_service";

beforeAll(async () => {
  site = await startTestApp();
  staff = await makePerson(site, "staffuser", { is_staff: 1 });
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
  await grant(site, staff.id, [change, "users.view_user"]);
});
afterAll(() => site.close());

const post = (who: Person, url: string, payload: object) =>
  site.as(who.token)({ method: "POST", url: `/admin/services/${url}`, payload });
const readUsers = (secret: string) =>
  site.anonymous({ url: "/admin/users/", headers: { authorization: `Bearer ${secret}` } });
const lastEntry = async () => (await site.app.audit.list({ limit: 1 })).entries[0];

it("gives what the giver has, shows the secret once, and writes it down", async () => {
  const made = await post(staff, "", { name: "crm", scopes: ["users.view_user"], days: 3 });
  expect(made.statusCode, made.body).toBe(201);
  const { secret, ...shown } = made.json();
  expect(shown).toMatchObject({ name: "crm", scopes: ["users.view_user"], last_used: null });
  expect((await readUsers(secret)).statusCode).toBe(200);
  expect(await lastEntry()).toMatchObject({
    action: "service.create",
    target: "crm",
    actor: { id: staff.id },
  });
  const list = await site.as(root.token)({ url: "/admin/services/" });
  expect(list.body).not.toContain(secret);
  const again = await post(staff, "crm/rotate/", { keep_hours: 0 });
  expect(again.statusCode, again.body).toBe(200);
  expect((await readUsers(secret)).statusCode).toBe(401);
  expect((await readUsers(again.json().secret)).statusCode).toBe(200);
});

it("gives nobody what they don't have, by a new credential, another secret or an end", async () => {
  const scopes = ["users.view_user", "users.delete_user"];
  expect((await post(staff, "", { name: "strong", scopes })).statusCode).toBe(403);
  const { secret } = await site.app.services.add(operator, {
    ...{ name: "strong", scopes, networks: [], lifeSeconds: null },
  });
  expect((await post(staff, "strong/rotate/", {})).statusCode).toBe(403);
  const ended = await site.as(staff.token)({ method: "DELETE", url: "/admin/services/strong/" });
  expect(ended.statusCode).toBe(403);
  expect((await readUsers(secret)).statusCode).toBe(200);
  expect((await post(root, "strong/rotate/", {})).statusCode).toBe(200);
});

it("says what is wrong with a name, a scope and a network, and of one that is not there", async () => {
  const bad = await post(root, "", { name: "Not A Name", scopes: ["users.view_user"], networks: ["10/8"] });
  expect(bad.statusCode).toBe(400);
  expect(Object.keys(bad.json())).toEqual(expect.arrayContaining(["name", "networks"]));
  const unknown = await post(root, "", { name: "other", scopes: ["mall.refund_order"] });
  expect(unknown.json()).toHaveProperty("scopes");
  expect((await post(root, "nobodys/rotate/", {})).statusCode).toBe(404);
});
