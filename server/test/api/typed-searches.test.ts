import { afterEach, beforeEach, expect, it } from "vitest";
import { namesSomebody } from "../../src/accounts/staff-reason.ts";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { createForgetTyped } from "../../src/audit/forget-typed.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import { createLog } from "../../src/kernel/log.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** What staff once typed to find whose list they fetch goes from the audit log; who fetched it, and when, stays, and so does the chain. */
const typed = "zhu.xiaoming@qq.com";
let site: TestApp;
beforeEach(async () => {
  site = await startTestApp();
});
afterEach(() => site.close());

/** As a version before 0.6.0 wrote it. */
const writeOld = (after: object) =>
  site.app.db.kysely
    .insertInto("audit_entries")
    .values({
      ...{ at: site.clock.now(), actor_id: 1, actor: "root", action: "user.export", target_kind: "system" },
      ...{ target_id: 0, target: "users", before: "{}", after: JSON.stringify(after), request_id: "req-1" },
    })
    .execute();
const entries = async () =>
  (await site.app.db.kysely.selectFrom("audit_entries").selectAll().orderBy("id").execute()).filter(
    ({ action }) => action === "user.export",
  );
const old = { format: "csv", is_active: true, search: typed };

it("without a chain in its place, by the maintenance of a new version's first start", async () => {
  await writeOld(old);
  await writeOld({ format: "csv", search: "(given)" });
  await writeOld({ format: "jsonl" });
  const [before] = await entries();
  expect(await site.app.maintenance.run()).toMatchObject({ "typed searches": 1 });
  const [first, ...others] = await entries();
  expect(first).toEqual({ ...before, after: JSON.stringify({ ...old, search: "(given)" }) });
  expect(others.map(({ after }) => after)).toEqual([
    '{"format":"csv","search":"(given)"}',
    '{"format":"jsonl"}',
  ]);
  expect(await site.app.maintenance.run()).toMatchObject({ "typed searches": 0 });
});

it("where the chain has it, behind a signed link, and the chain holds", async () => {
  const deps = {
    db: site.app.db,
    clock: site.clock,
    secretKeys: [testSecretKey] as const,
    log: createLog("silent"),
  };
  const chain = createAuditChain(deps);
  await chain.begin();
  await writeOld(old);
  const at = site.clock.now();
  site.clock.advance(61);
  await chain.linkAll();
  const forget = createForgetTyped({ ...deps, namesSomebody });
  expect(await forget(100)).toBe(1);
  expect(await forget(100)).toBe(0);
  const [left, ...more] = await entries();
  expect(more).toEqual([]);
  expect(left).toMatchObject({ actor_id: 1, request_id: "req-1", at });
  expect(JSON.stringify(await entries())).not.toContain(typed);
  site.clock.advance(61);
  await chain.linkAll();
  expect(await verifyChain(site.app.db, [testSecretKey], null)).toMatchObject({ found: 0 });
});
