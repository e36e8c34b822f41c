import { afterAll, beforeAll, expect, it } from "vitest";
import { begin, impersonationOn } from "../support/impersonation.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * Everything that the console reads, where staff and owners are named by addresses, as sites that come from Django have it: nobody's
 * address, number, name or network leaves the server whole, but by looking at one account with an entry in the audit log. A route that
 * comes later is asked, too.
 */
const names = {
  staff: "boss.of.all@163.com",
  owner: "owner.of.it@163.com",
  mail: "mail.of.owner@163.com",
  leaver: "leaver.of.it@163.com",
  guest: "guest.of.it@163.com",
};
const number = "13912345678";
const network = "198.51.100.77";
const whole = [...Object.values(names), number, "三丰", network];
let site: TestApp;
let staff: Person;
let owner: Person;
let leaver: Person;
const routes: { readonly url: string; readonly hasMask: boolean }[] = [];

beforeAll(async () => {
  site = await startTestApp({
    env: {
      ...impersonationOn,
      TRUST_PROXY: "1",
      LOGIN_FAILURE_LIMIT: "10",
      LOGIN_FAILURE_LIMIT_PER_CLIENT: "12",
    },
    async describe(api) {
      api.addHook("onRoute", ({ url, method, schema }) => {
        if (method !== "GET" || !url.startsWith("/admin/")) return;
        routes.push({ url, hasMask: JSON.stringify(schema?.querystring ?? {}).includes('"masked"') });
      });
    },
  });
  staff = await makePerson(site, names.staff, { is_superuser: 1 });
  owner = await makePerson(site, names.owner, { email: names.mail });
  leaver = await makePerson(site, names.leaver);
  await fill();
});
afterAll(() => site.close());

async function byStaff(method: "POST" | "DELETE", url: string, payload: object): Promise<{ id?: unknown }> {
  const answer = await site.as(staff.token)({ method, url, payload });
  expect([url, answer.statusCode < 300, answer.body]).toEqual([url, true, answer.body]);
  return answer.headers["content-type"]?.startsWith("application/json") ? answer.json() : {};
}

/** Something of every kind that has a list. */
async function fill(): Promise<void> {
  const { kysely } = site.app.db;
  const now = site.clock.now();
  const about = `/admin/users/${owner.id}/`;
  const reason = "ticket 17";
  await kysely
    .updateTable("users")
    .set({ mobile: number, first_name: "三丰", last_name: "张" })
    .where("id", "in", [owner.id, leaver.id])
    .execute();
  await kysely
    .insertInto("bindings")
    .values({
      ...{ provider: "qq", account_key: "OPENID-77", user_id: owner.id, is_alias: 0 },
      ...{ nickname: `call ${number}`, avatar: null, created_at: 1, unproved: 0 },
    })
    .execute();
  let status = 0;
  for (let n = 100; n < 160 && status !== 429; n++) {
    const answer = await site.anonymous({
      ...{ method: "POST", url: "/users/authorizations/", headers: { "x-forwarded-for": `198.51.${n}.77` } },
      payload: { username: names.owner, password: `not ${password}` },
    });
    status = answer.statusCode;
    site.clock.advance(1);
  }
  expect(status).toBe(429);
  await byStaff("POST", `${about}notes/`, { text: "writes on Mondays" });
  await byStaff("POST", "/admin/denials/", { kind: "email", value: names.guest, reason });
  await byStaff("POST", "/admin/invitations/", { email: names.guest });
  await byStaff("POST", "/admin/users/export/", { format: "csv" });
  await byStaff("POST", "/admin/users/bulk/", {
    ...{ action: "end_tokens", reason, ids: [leaver.id], confirm: 1 },
  });
  const { id: hook } = await byStaff("POST", "/admin/webhooks/", { url: "https://crm.example/in" });
  await byStaff("POST", `/admin/webhooks/${hook}/test/`, {});
  const asked = { id: "request", user_id: owner.id, asked_at: now };
  await kysely
    .insertInto("data_exports")
    .values({ ...asked, language: "zh", expires_at: now + 1e9, bytes: null, sealed: null, ready_at: null })
    .execute();
  await kysely
    .insertInto("number_leaves")
    .values({
      ...{ ...asked, credentials_version: 0, due_at: now + 1e9, told_at: null },
      ...{ ended_at: null, ended: null, cancelled_by: null },
    })
    .execute();
  expect((await begin(site, staff, owner.id)).statusCode).toBe(201);
  await byStaff("POST", `/admin/users/${leaver.id}/disable/`, { reason });
  await byStaff("DELETE", `/admin/users/${leaver.id}/`, { reason });
  await site.runJobs();
  await kysely
    .updateTable("webhook_deliveries")
    .set({ last_answer: `no customer ${names.owner}, ${number}` })
    .execute();
}

const read = async (url: string) => await site.as(staff.token)({ url });

/** The addresses that stand for a route's pattern. */
async function addressesOf(route: string): Promise<string[]> {
  const first = async (url: string, field: string) => String((await read(url)).json().results[0][field]);
  if (route === "/admin/users/bulk/:run/")
    return [route.replace(":run", await first("/admin/users/bulk/", "id"))];
  if (route === "/admin/jobs/:job/") return [route.replace(":job", await first("/admin/jobs/", "id"))];
  if (route.startsWith("/admin/webhooks/:id/"))
    return [route.replace(":id", await first("/admin/webhooks/", "id"))];
  if (route.startsWith("/admin/groups/:id/")) {
    const made = await byStaff("POST", "/admin/groups/", { name: "clerks" });
    return [route.replace(":id", String(made.id))];
  }
  if (route === "/admin/blocks/") return [`${route}?name=${names.owner}`, `${route}?address=${network}`];
  return route.includes(":id") ? [owner, leaver].map(({ id }) => route.replace(":id", String(id))) : [route];
}

it("leaves the server masked, by every route that the console reads", async () => {
  // What was refused is written some seconds later.
  const refused = async () => (await read("/admin/blocks/locked/")).json().results.length;
  await expect.poll(refused, { timeout: 10_000 }).toBe(1);
  const found: string[] = [];
  const hasMasked = new Set<string>();
  for (const { url: route, hasMask } of routes) {
    for (const address of await addressesOf(route)) {
      const answer = await read(hasMask ? `${address}?masked=true` : address);
      // Nobody told this one how it was started.
      const isKnown = !/^\/admin\/(settings|doctor)\//.test(address);
      expect([address, answer.statusCode]).toEqual([address, isKnown ? 200 : 404]);
      found.push(...whole.filter((one) => answer.body.includes(one)).map((one) => `${address}: ${one}`));
      if (/\*\*\*@163\.com|139\*{4}5678|198\.51\.\d+\.\*/.test(answer.body)) hasMasked.add(route);
    }
  }
  expect(found).toEqual([]);
  // They had something to mask.
  const planted = [
    ...["audit", "blocks/locked", "denials", "invitations", "mails", "refusals", "runs", "users"],
    ...["data-requests/deletions", "data-requests/exports", "data-requests/number-leaves"],
    ...["users/:id", "users/:id/access", "users/:id/impersonation", "users/:id/notes"],
    ...["users/bulk", "users/bulk/:run", "webhooks/:id/deliveries"],
  ];
  expect(planted.filter((path) => !hasMasked.has(`/admin/${path}/`))).toEqual([]);
});

it("shows all of one account to whoever asks for it, with an entry in the audit log", async () => {
  const answer = await site.as(staff.token)({ method: "POST", url: `/admin/users/${owner.id}/reveal/` });
  expect(answer.json()).toMatchObject({ username: names.owner, email: names.mail, mobile: number });
  const { entries } = await site.app.audit.list({ targetKind: "user", targetId: owner.id, limit: 1 });
  expect(entries).toMatchObject([{ action: "user.reveal", actor: { id: staff.id } }]);
});
