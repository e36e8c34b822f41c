import { afterAll, beforeAll, expect, it } from "vitest";
import { dumpDatabase } from "../support/database-dump.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * What staff leave in rows about others, and what they wrote down of an address, when they and its owner are erased: ids and digests, no
 * name and no address.
 */
let site: TestApp;
let root: Person;
let clerk: Person;
let junk: Person;
const clerkName = "clerkofyore";
const junkAddress = "junkmaker.of.yore@mail.example";
const permissions = [
  ...["users.view_user", "users.change_user", "users.bulk_user", "users.view_note", "users.change_note"],
  ...["admission.view_denial", "admission.change_denial", "log_ins.view_block", "log_ins.change_block"],
];
beforeAll(async () => {
  site = await startTestApp({ env: { DELETION_GRACE_DAYS: "0" } });
  root = await makePerson(site, "rootofyore", { is_superuser: 1 });
  clerk = await makePerson(site, clerkName, { is_staff: 1, permissions });
  junk = await makePerson(site, "junkofyore", { email: junkAddress });
});
afterAll(() => site.close());

const reason = "junk sign-ups";
async function byClerk(url: string, payload: object): Promise<Record<string, unknown>> {
  const answer = await site.as(clerk.token)({ method: "POST", url, payload });
  expect([url, answer.statusCode < 300, answer.body]).toEqual([url, true, answer.body]);
  return answer.json() as Record<string, unknown>;
}
const read = async (url: string) => (await site.as(root.token)({ url })).json();
async function erase({ id }: Person): Promise<void> {
  const answer = await site.as(root.token)({
    ...{ method: "DELETE", url: `/admin/users/${id}/`, payload: { reason: "as asked for" } },
  });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  await site.runJobs();
  expect(await site.app.users.byId(id)).toBeNull();
}
async function placesOf(...values: readonly string[]): Promise<string[]> {
  const dump = [...(await dumpDatabase(site.app.db))];
  return dump.flatMap(([place, text]) =>
    values.filter((value) => text.includes(value)).map((value) => `${place}: ${value}`),
  );
}

it("keeps by the id who disabled, noted, denied and changed many, and shows their name of today", async () => {
  const other = await makePerson(site, "otherofyore");
  await byClerk(`/admin/users/${other.id}/disable/`, { reason });
  await byClerk(`/admin/users/${other.id}/notes/`, { text: "writes on Mondays" });
  await byClerk("/admin/denials/", { kind: "email", value: junkAddress.toUpperCase(), reason });
  await byClerk("/admin/blocks/unlock/", { address: "203.0.113.77", reason });
  const run = await byClerk("/admin/users/bulk/", {
    ...{ action: "disable", reason, ids: [junk.id, other.id], confirm: 2 },
  });
  expect((await read(`/admin/users/${other.id}/access/`)).disabled).toMatchObject({ by: clerkName });
  expect((await read(`/admin/users/${other.id}/notes/`)).results).toMatchObject([{ author: clerkName }]);
  expect((await read("/admin/denials/")).results).toMatchObject([
    { by: clerkName, value: "j***@mail.example" },
  ]);
  expect(await read(`/admin/users/bulk/${run.id}/`)).toMatchObject({ actor: clerkName });
  expect(await placesOf("203.0.113.77")).toEqual([]);

  // In the middle of the run, which goes on and says so in the audit log.
  await site.app.db.kysely.deleteFrom("sessions").where("user_id", "=", clerk.id).execute();
  await erase(clerk);
  expect((await read(`/admin/users/${other.id}/notes/`)).results).toMatchObject([
    { author: `user#${clerk.id}` },
  ]);
  expect((await read(`/admin/users/bulk/${run.id}/`)).finished_at).not.toBeNull();
  expect(await placesOf(clerkName)).toEqual([]);
});

it("goes on refusing an address whose account is erased, and has it nowhere", async () => {
  expect(await placesOf(junkAddress)).not.toEqual([]);
  await erase(junk);
  expect(await placesOf(junkAddress)).toEqual([]);
  const url = `/verifications/email_codes/${junkAddress}/?send_type=register`;
  expect((await site.anonymous({ url })).statusCode).toBe(400);
});
