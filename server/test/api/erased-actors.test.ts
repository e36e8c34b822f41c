import { afterAll, beforeAll, expect, it } from "vitest";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import { createLog } from "../../src/kernel/log.ts";
import { makePerson, type Person, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** What an erased member of staff did to others is under their id for a year, and under nobody's from then on. */
let site: TestApp;
let root: Person;
let clerk: Person;
let other: Person;
const permissions = ["users.view_user", "users.change_user", "users.view_note", "users.change_note"];
beforeAll(async () => {
  site = await startTestApp({ env: { DELETION_GRACE_DAYS: "0" } });
  root = await makePerson(site, "rootofdeeds", { is_superuser: 1 });
  clerk = await makePerson(site, "clerkofdeeds", { is_staff: 1, permissions });
  other = await makePerson(site, "otherofdeeds");
});
afterAll(() => site.close());

const byClerk = (url: string, payload: object) =>
  site.as(clerk.token)({ method: "POST", url: `/admin/users/${other.id}/${url}`, payload });
const deeds = () =>
  site.app.db.kysely
    .selectFrom("audit_entries")
    .select(["action", "actor_id", "actor", "at"])
    .where("target_id", "=", other.id)
    .where("action", "in", ["user.note", "user.disable"])
    .orderBy("at")
    .orderBy("action")
    .execute();
async function pass(days: number) {
  site.clock.advance(days * 86_400);
  await site.app.maintenance.run();
  await site.runJobs();
}

it("keeps what was done, when and to whom, and the chain", async () => {
  const { db } = site.app;
  const chain = createAuditChain({
    log: createLog("silent"),
    db,
    clock: site.clock,
    secretKeys: [testSecretKey],
  });
  await chain.begin();
  await byClerk("notes/", { text: "writes on Mondays" });
  site.clock.advance(61);
  await chain.linkAll();
  await byClerk("disable/", { reason: "ticket 17" });
  const payload = { reason: "left the company" };
  root.token = await tokenOf(site, root.username);
  const asked = await site.as(root.token)({ method: "DELETE", url: `/admin/users/${clerk.id}/`, payload });
  expect(asked.statusCode, asked.body).toBeLessThan(300);
  await site.runJobs();
  const before = await deeds();
  const pseudonym = { actor_id: clerk.id, actor: `user#${clerk.id}` };
  expect(before).toMatchObject([pseudonym, pseudonym]);
  await pass(360);
  expect(await deeds()).toEqual(before);
  await pass(6);
  expect(await deeds()).toEqual(before.map((one) => ({ ...one, actor_id: null, actor: "(erased)" })));
  const { kysely } = db;
  expect(await kysely.selectFrom("deleted_accounts").selectAll().execute()).toEqual([]);
  expect(await kysely.selectFrom("user_notes").select("author").execute()).toEqual([{ author: "(erased)" }]);
  expect(await kysely.selectFrom("disablings").select("disabled_by").execute()).toEqual([
    { disabled_by: "(erased)" },
  ]);
  site.clock.advance(61);
  await chain.linkAll();
  expect(await verifyChain(db, [testSecretKey], null)).toMatchObject({ found: 0, notLinked: 0 });
});
