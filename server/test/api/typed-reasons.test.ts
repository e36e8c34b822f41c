import { afterAll, beforeAll, expect, it } from "vitest";
import { namesSomebody } from "../../src/accounts/staff-reason.ts";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { createForgetTyped } from "../../src/audit/forget-typed.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import { createLog } from "../../src/kernel/log.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Reasons about an account that name a third person, as versions before 0.7.0 wrote them: gone, whenever they were written. */
const third = "third.person@mail.example";
let site: TestApp;
let root: Person;
let other: Person;
beforeAll(async () => {
  site = await startTestApp();
  root = await makePerson(site, "rootofreasons", { is_superuser: 1 });
  other = await makePerson(site, "otherofreasons");
});
afterAll(() => site.close());

const entries = () => site.app.db.kysely.selectFrom("audit_entries").selectAll().orderBy("id").execute();
const writeOld = (reason: string) =>
  site.app.db.kysely
    .insertInto("audit_entries")
    .values({
      ...{ at: site.clock.now(), actor_id: root.id, actor: root.username, action: "user.disable" },
      ...{ target_kind: "user", target_id: other.id, target: other.username, request_id: "req-1" },
      ...{ before: '{"is_active":1}', after: JSON.stringify({ is_active: 0, reason }) },
    })
    .execute();
const reasons = async () =>
  (await entries())
    .filter(({ action }) => action === "user.disable")
    .map(({ after }) => (JSON.parse(after) as { reason: string }).reason);
const mark = async () =>
  (
    await site.app.db.kysely
      .selectFrom("audit_marks")
      .select("entry_id")
      .where("name", "=", "typed")
      .executeTakeFirst()
  )?.entry_id;

it("go, the others stay, and the chain holds", async () => {
  const deps = {
    db: site.app.db,
    clock: site.clock,
    secretKeys: [testSecretKey] as const,
    log: createLog("silent"),
  };
  const chain = createAuditChain(deps);
  await chain.begin();
  await writeOld(`complaint of ${third}`);
  await writeOld("ticket 17");
  site.clock.advance(61);
  await chain.linkAll();
  // In steps of one.
  expect(await createForgetTyped({ ...deps, namesSomebody })(1)).toBe(1);
  expect((await reasons()).toSorted()).toEqual(["(given)", "ticket 17"]);
  expect(JSON.stringify(await entries())).not.toContain(third);
  site.clock.advance(61);
  await chain.linkAll();
  expect(await verifyChain(site.app.db, [testSecretKey], null)).toMatchObject({
    found: 0,
    notLinked: 0,
    purged: 1,
  });
});

it("that a program of before writes beside this one go too, and nothing is looked at twice", async () => {
  site.clock.advance(61);
  expect(await site.app.maintenance.run()).toMatchObject({ "typed searches": 0 });
  const looked = await mark();
  expect(looked).toBe((await entries()).at(-1)!.id);
  await writeOld("called from +44 7700 900123");
  expect(await site.app.maintenance.run()).toMatchObject({ "typed searches": 1 });
  expect((await reasons()).toSorted()).toEqual(["(given)", "(given)", "ticket 17"]);
  site.clock.advance(61);
  expect(await site.app.maintenance.run()).toMatchObject({ "typed searches": 0 });
  expect(await mark()).toBeGreaterThan(looked!);
});
