import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { namesSomebody } from "../../src/accounts/staff-reason.ts";
import { openDatabase } from "../../src/app/engines.ts";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { hashOfForm, nextHash } from "../../src/audit/chain-entry.ts";
import { chainStart } from "../../src/audit/chain-link.ts";
import { createForgetTyped } from "../../src/audit/forget-typed.ts";
import { resignLinks } from "../../src/audit/resign-links.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { checkAuditChain } from "../../src/cli/doctor/audit-chain-check.ts";
import type { SecretKeys } from "../../src/kernel/keys.ts";
import { createLog } from "../../src/kernel/log.ts";
import { insertDeleted } from "../../src/rights/deletion-store.ts";
import { resignErased } from "../../src/rights/erased-mac.ts";
import { forgetActors } from "../../src/rights/forget-actors.ts";
import { purgeErased } from "../../src/rights/purge-erased.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Who has the database alone, and leaves it to the maintenance to sign for what they changed. */
const keys: SecretKeys = [testSecretKey];
/** Behind the days for which a row without a MAC waits for one. */
const late = 5 * 86_400_000;
const [evil, victim, other] = [770_001, 770_002, 770_003];
let test: TestApp;
let lines: string[];
let chain: ReturnType<typeof createAuditChain>;
let deps: Parameters<typeof createAuditChain>[0];

beforeEach(async () => {
  test = await startTestApp();
  lines = [];
  const log = createLog("info", { write: (line) => void lines.push(line) });
  deps = { db: test.app.db, clock: test.clock, secretKeys: keys, log };
  chain = createAuditChain(deps);
  await chain.begin();
  for (const id of [victim, other, victim, other]) await write(id);
  await link();
  expect((await verify()).found).toBe(0);
});
afterEach(() => test.close());

const write = (targetId: number, what: object = {}) =>
  test.app.audit.record(
    test.app.db,
    { id: evil, name: "evil-clerk", requestId: null },
    {
      ...{ action: "user.change", targetKind: "user" as const, targetId, target: `name${targetId}` },
      ...{ before: { is_staff: 0 }, after: { is_staff: 1 }, ...what },
    },
  );
async function link(): Promise<void> {
  // Older than any transaction can be.
  test.clock.advance(61);
  await chain.linkAll();
}
const verify = (secretKeys = keys) => verifyChain(test.app.db, secretKeys, null);
const whats = async () => (await verify()).findings.map(({ what }) => what);
const alarms = () => lines.filter((line) => line.includes('"alarm":"audit_chain"'));
const entries = () => test.app.db.kysely.selectFrom("audit_entries").selectAll().orderBy("id").execute();
const links = () => test.app.db.kysely.selectFrom("audit_links").selectAll().orderBy("entry_id").execute();
const eraseByHand = (user_id: number, mac: string | null = null, deleted_at = 1) =>
  test.app.db.kysely.insertInto("deleted_accounts").values({ user_id, deleted_at, mac }).execute();
const erase = (user_id: number) => insertDeleted(test.app.db, keys, { user_id, deleted_at: 1 });
const change = (targetId: number, values: object) =>
  test.app.db.kysely.updateTable("audit_entries").set(values).where("target_id", "=", targetId).execute();
const doctorSays = async () =>
  (await checkAuditChain({ ...test.config, auditChain: true, secretKey: testSecretKey })).map(
    ({ level }) => level,
  );

describe("a purge", () => {
  it("of an account that was erased here signs, and the chain holds", async () => {
    await erase(victim);
    expect(await purgeErased(deps, 2, 100)).toBe(2);
    expect(await verify()).toMatchObject({ found: 0, purged: 2, linked: 4 });
    expect(alarms()).toEqual([]);
    expect(await doctorSays()).toEqual(["ok"]);
  });

  it.each([null, "x".repeat(43)])(
    "of one that was put in by hand takes all and signs nothing: %s",
    async (mac) => {
      await eraseByHand(victim, mac);
      expect(await purgeErased(deps, late, 100)).toBe(2);
      expect((await entries()).map(({ target_id }) => target_id)).toEqual([other, other]);
      expect(await whats()).toEqual(["unsigned", "unsigned"]);
      expect(alarms()).toHaveLength(1);
      expect(await doctorSays()).toEqual(["fail"]);
      await write(other);
      await link();
      expect(await whats()).toEqual(["unsigned", "unsigned"]);
    },
  );

  it("of an entry that was changed signs for the others alone", async () => {
    const [first] = await entries();
    const { kysely } = test.app.db;
    await kysely
      .updateTable("audit_entries")
      .set({ after: '{"is_staff":0}' })
      .where("id", "=", first!.id)
      .execute();
    await erase(victim);
    expect(await purgeErased(deps, 2, 100)).toBe(2);
    const { findings, purged } = await verify();
    expect({ findings, purged }).toEqual({ findings: [{ entryId: first!.id, what: "unsigned" }], purged: 1 });
  });

  it("of an entry in a chain that was made anew, unsigned, signs nothing: no head comes of it", async () => {
    await change(other, { action: "user.noop" });
    let hash = chainStart;
    const all = await entries();
    for (const one of await links()) {
      const entry_hash = hashOfForm(all.find(({ id }) => id === one.entry_id)!);
      hash = nextHash(hash, { ...one, entry_hash });
      const made = { entry_hash, hash, signature: null };
      const update = test.app.db.kysely.updateTable("audit_links").set(made);
      await update.where("entry_id", "=", one.entry_id).execute();
    }
    const before = await whats();
    expect(before).toContain("signature");
    await erase(other);
    await purgeErased(deps, 2, 100);
    expect(await whats()).toEqual(expect.arrayContaining(["signature", "unsigned"]));
  });

  it("signs for no link that was cut off from the one before", async () => {
    const [, second] = await links();
    const { kysely } = test.app.db;
    await kysely.deleteFrom("audit_links").where("entry_id", "=", second!.entry_id).execute();
    await erase(victim);
    await erase(other);
    await purgeErased(deps, 2, 100);
    // The first, whose signature is behind the gap; the third, whose link before is gone; the fourth follows and is signed.
    expect((await links()).map((one) => one.purge_signature === "unsigned")).toEqual([true, true, false]);
    expect(await whats()).toContain("broken");
  });

  it("of the end of a pass leaves it one, for this program and for 0.7.0", async () => {
    await erase(other);
    await purgeErased(deps, 2, 100);
    await write(victim);
    await link();
    expect(alarms()).toEqual([]);
    expect(await verify()).toMatchObject({ found: 0, linked: 5, purged: 2 });
  });

  it("of 0.7.0, signed in the column of the passes, is good", async () => {
    const { signatureOf, chainKeys } = await import("../../src/audit/chain-link.ts");
    const [first] = await links();
    const { kysely } = test.app.db;
    await kysely.deleteFrom("audit_entries").where("id", "=", first!.entry_id).execute();
    const old = { purged_at: 5, signature: signatureOf(chainKeys(keys)[0], { ...first!, purged_at: 5 }) };
    await kysely.updateTable("audit_links").set(old).where("entry_id", "=", first!.entry_id).execute();
    expect(await verify()).toMatchObject({ found: 0, purged: 1 });
  });
});

describe("an entry that is written anew", () => {
  const search = {
    target_kind: "system",
    target: "x",
    before: "{}",
    after: '{"search":"x"}',
    action: "users.list",
  };

  it("because somebody wrote a search into it, is changed where it stands, and goes on being found", async () => {
    await change(victim, search);
    const ids = (await entries()).map(({ id }) => id);
    expect(await createForgetTyped({ ...deps, namesSomebody })(100)).toBe(2);
    await link();
    expect((await entries()).map(({ id }) => id)).toEqual(ids);
    expect((await entries())[0]).toMatchObject({ after: '{"search":"(given)"}' });
    expect(await whats()).toEqual(["changed", "changed"]);
    expect(alarms()).toHaveLength(1);
  });

  it("for a member of staff that was erased is signed for, but for what was changed", async () => {
    await change(victim, { action: "user.noop" });
    await erase(evil);
    expect(await forgetActors(deps, 2, 100)).toBe(4);
    expect(new Set((await entries()).map(({ actor_id }) => actor_id))).toEqual(new Set([null]));
    await link();
    const { findings, purged } = await verify();
    expect(purged).toBe(2);
    expect(new Set(findings.map(({ what }) => what))).toEqual(new Set(["changed"]));
    expect(alarms()).toHaveLength(1);
  });

  it("for one whose erasure nobody vouches for is found", async () => {
    await eraseByHand(evil);
    expect(await forgetActors(deps, late, 100)).toBe(4);
    await link();
    expect(await verify()).toMatchObject({ found: 4, purged: 0 });
    expect(alarms()).toHaveLength(1);
  });
});

describe("who was erased", () => {
  // What an earlier state of this version kept of when its maintenance had signed: whoever emptied it had it sign again.
  it.each(["none", "null", "1", "9000000000000"])(
    "in a row that was put in by hand is vouched for by no maintenance, whatever stands in the database: %s",
    async (signedAt) => {
      const { kysely } = test.app.db;
      const due = test.clock.now() - (test.config.auditErasedDays + 5) * 86_400_000;
      await eraseByHand(victim, null, due);
      if (signedAt !== "none") {
        await sql`alter table installation add column erased_signed_at bigint`.execute(kysely);
        await sql`update installation set erased_signed_at = ${sql.raw(signedAt)}`.execute(kysely);
      }
      await test.app.maintenance.run();
      await eraseByHand(other, null, due);
      test.clock.advance(86_400);
      await test.app.maintenance.run();
      const rows = await kysely.selectFrom("deleted_accounts").select("mac").execute();
      expect(rows).toEqual([{ mac: null }, { mac: null }]);
      await link();
      expect(await whats()).toEqual(["unsigned", "unsigned", "unsigned", "unsigned"]);
      expect(await doctorSays()).toEqual(["fail"]);
    },
  );

  it("before there were MACs is vouched for by a command, without a chain too, and the log has by whom", async () => {
    await eraseByHand(victim);
    await erase(other);
    expect(await doctorSays()).toEqual(["warn"]);
    await test.app.db.kysely.deleteFrom("audit_links").execute();
    await test.app.db.kysely.deleteFrom("audit_marks").execute();
    const config = { ...test.config, secretKey: testSecretKey };
    const run = async (line: string) => {
      const terminal = saidTerminal("en");
      const code = await runCommandLine(line.split(" "), {
        ...{ terminal, clock: test.clock, folder: ".", openDatabase, host: unstopped },
        ...{ loadConfig: async () => config, completeConfig: () => config, refuseBeside: () => {} },
        readSource: () => ({ SECRET_KEY: testSecretKey, MEIDUO_CALLED_BY: "wang" }),
      });
      return { code, ...terminal.said };
    };
    expect((await run("verify-audit")).out).toContain(`1 erasures are vouched for by nobody`);
    expect((await run("verify-audit vouch")).notes).toContain("add --yes");
    const done = await run("verify-audit vouch --yes --json");
    expect([done.code, JSON.parse(done.out)]).toEqual([0, { vouched: 1, ids: [victim] }]);
    expect((await run("verify-audit vouch --yes")).out).toContain("No erasure lacks");
    expect((await run("verify-audit --json")).out).toContain('"notVouched":[]');
    const said = (await entries()).filter(({ action }) => action === "system.erasures-vouched");
    expect(said).toEqual([expect.objectContaining({ actor: "wang (manage)", after: '{"rows":1}' })]);
    chain = createAuditChain(deps);
    await chain.begin();
    await link();
    await purgeErased(deps, test.clock.now(), 100);
    expect(await verify()).toMatchObject({ found: 0, purged: 4 });
  });

  it("is vouched for where the row was put in by hand before, and keeps its day else", async () => {
    await eraseByHand(victim);
    await insertDeleted(test.app.db, keys, { user_id: victim, deleted_at: 7 });
    await insertDeleted(test.app.db, keys, { user_id: victim, deleted_at: 9 });
    const row = test.app.db.kysely.selectFrom("deleted_accounts").select(["deleted_at", "mac"]);
    expect(await row.executeTakeFirst()).toEqual({ deleted_at: 7, mac: expect.any(String) });
  });

  it("and what was purged is vouched for under the SECRET_KEY that takes another's place", async () => {
    const both: SecretKeys = ["another-key-that-takes-the-place-of-the-first-one", testSecretKey];
    await erase(victim);
    await purgeErased(deps, 2, 100);
    await erase(other);
    const { db } = test.app;
    expect(await db.transaction((transaction) => resignLinks(transaction, both))).toBe(3);
    expect(await db.transaction((transaction) => resignErased(transaction, both))).toBe(2);
    const now: SecretKeys = [both[0]];
    expect(await verify(now)).toMatchObject({ found: 0, purged: 2 });
    await purgeErased({ ...deps, secretKeys: now }, 2, 100);
    expect(await verify(now)).toMatchObject({ found: 0, purged: 4 });
  });
});
