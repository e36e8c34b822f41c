import { afterAll, beforeAll, expect, it } from "vitest";
import { namesSomebody } from "../../src/accounts/staff-reason.ts";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { createForgetTyped } from "../../src/audit/forget-typed.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import { createLog } from "../../src/kernel/log.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/**
 * Whom an invitation was for is in the audit log for nobody: the address may be another one by the time its owner is erased, or its owner
 * never made an account. What earlier versions wrote of such things goes from their entries.
 */
const invited = "first.addr@qq.com";
let site: TestApp;
let root: Person;
beforeAll(async () => {
  site = await startTestApp();
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
afterAll(() => site.close());

const entries = () => site.app.db.kysely.selectFrom("audit_entries").selectAll().orderBy("id").execute();

it("a new entry says that there was an address, and not which", async () => {
  const as = site.as(root.token);
  const made = await as({ method: "POST", url: "/admin/invitations/", payload: { email: invited } });
  expect(made.statusCode, made.body).toBe(201);
  const { id } = made.json();
  expect((await as({ method: "DELETE", url: `/admin/invitations/${id}/` })).statusCode).toBe(204);
  await as({ method: "POST", url: "/admin/invitations/", payload: {} });
  const about = (await entries()).filter(({ target_kind }) => target_kind === "invitation");
  expect(JSON.stringify(about)).not.toContain(invited);
  expect(about.map(({ before, after }) => [JSON.parse(before).email, JSON.parse(after).email])).toEqual([
    [undefined, "(given)"],
    ["(given)", undefined],
    [undefined, null],
  ]);
});

it("old entries lose it, linked ones by a signed link and with their own key, and the chain holds", async () => {
  const { db } = site.app;
  const deps = { log: createLog("silent"), db, clock: site.clock, secretKeys: [testSecretKey] as const };
  const chain = createAuditChain(deps);
  await chain.begin();
  const old = { at: site.clock.now(), actor_id: root.id, actor: root.username, request_id: "req-1" };
  const write = (action: string, target_kind: string, target: string, [before, after]: [object, object]) =>
    db.kysely
      .insertInto("audit_entries")
      .values({
        ...{ ...old, action, target_kind, target_id: 7, target },
        ...{ before: JSON.stringify(before), after: JSON.stringify(after) },
      })
      .execute();
  const writeAll = async () => {
    await write("invitation.create", "invitation", "#7", [{}, { email: invited, uses: 1 }]);
    await write("invitation.delete", "invitation", "#7", [{ email: invited }, {}]);
    await write("denial.add", "system", "email", [
      {},
      { kind: "email", value: "f***@qq.com", reason: invited },
    ]);
    await write("denial.remove", "system", "network", [{ kind: "network", value: "192.0.2.0/24" }, {}]);
    await write("bulk.start", "system", "users", [{}, { reason: `with ${invited}`, count: 2 }]);
    // As an erasure leaves one.
    await write("invitation.create", "invitation", "user#9", [{}, { email: "(erased)", uses: 1 }]);
  };
  await writeAll();
  site.clock.advance(61);
  await chain.linkAll();
  await writeAll();
  const forget = createForgetTyped({ ...deps, namesSomebody });
  expect(await forget(100)).toBe(8);
  expect(await forget(100)).toBe(0);
  const left = await entries();
  expect(JSON.stringify(left)).not.toMatch(/first\.addr|f\*\*\*@/);
  const ofOld = left.filter(({ target_id }) => target_id === 7);
  expect(ofOld).toHaveLength(12);
  expect(ofOld.filter(({ after }) => after.includes("(erased)"))).toHaveLength(2);
  expect(ofOld.filter(({ before }) => before.includes("192.0.2.0/24"))).toHaveLength(2);
  expect(ofOld.every(({ at, request_id }) => at === old.at && request_id === "req-1")).toBe(true);
  site.clock.advance(61);
  await chain.linkAll();
  expect(await verifyChain(db, [testSecretKey], null)).toMatchObject({ found: 0, notLinked: 0 });
});
