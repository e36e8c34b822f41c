import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { hashOfForm, nextHash } from "../../src/audit/chain-entry.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import { checkAuditChain } from "../../src/cli/doctor/audit-chain-check.ts";
import { createLog } from "../../src/kernel/log.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Who has the database alone, makes the chain anew, and leaves it to the server to sign it. */
let test: TestApp;
let lines: string[];
let chain: ReturnType<typeof createAuditChain>;
let count = 0;

const started = () =>
  createAuditChain({
    ...{ db: test.app.db, clock: test.clock, secretKeys: [testSecretKey] },
    log: createLog("info", { write: (line) => void lines.push(line) }),
  });
const verify = (noted: string | null = null) => {
  const [entryId, hash] = noted?.split(":") ?? [];
  const head = hash === undefined ? null : { entryId: Number(entryId), hash };
  return verifyChain(test.app.db, [testSecretKey], head);
};
async function write(entries: number): Promise<void> {
  for (let i = 0; i < entries; i++) {
    await test.app.audit.record(
      test.app.db,
      { id: null, name: "command", requestId: null },
      {
        action: "test.done",
        targetKind: "system",
        targetId: 1,
        target: `t${++count}`,
        before: { n: 0 },
        after: { n: count },
      },
    );
  }
  // Older than any transaction can be.
  test.clock.advance(61);
}
async function pass(entries: number): Promise<string> {
  await write(entries);
  await chain.linkAll();
  const { head, found } = await verify();
  expect(found).toBe(0);
  return head!;
}
const doctorSays = async () =>
  (await checkAuditChain({ ...test.config, auditChain: true, secretKey: testSecretKey })).map(
    ({ level }) => level,
  );
const alarms = () => lines.filter((line) => line.includes('"alarm":"audit_chain"'));

/** Changes an entry and makes every link behind it anew, as the program does; unsigned, for want of the key. */
async function forgeFrom(entryId: number): Promise<void> {
  const { kysely } = test.app.db;
  const links = await kysely.selectFrom("audit_links").selectAll().orderBy("entry_id").execute();
  let before = links.findLast(({ entry_id }) => entry_id < entryId)!.hash;
  await kysely.updateTable("audit_entries").set({ target: "forged" }).where("id", "=", entryId).execute();

  for (const link of links.filter(({ entry_id }) => entry_id >= entryId)) {
    const entry = await kysely
      .selectFrom("audit_entries")
      .selectAll()
      .where("id", "=", link.entry_id)
      .executeTakeFirstOrThrow();
    const part = { ...link, entry_hash: hashOfForm(entry) };
    before = nextHash(before, part);
    const made = { entry_hash: part.entry_hash, hash: before, signature: null };
    await kysely.updateTable("audit_links").set(made).where("entry_id", "=", link.entry_id).execute();
  }
}
const setMark = (entry_id: number) =>
  test.app.db.kysely.updateTable("audit_marks").set({ entry_id }).where("name", "=", "chain").execute();

beforeEach(async () => {
  test = await startTestApp();
  lines = [];
  chain = started();
  await chain.begin();
});
afterEach(() => test.close());

describe.each(["while the server runs", "while it is down"])("%s", (when) => {
  const nextPass = async () => {
    if (when === "while it is down") chain = started();
    await write(3);
    await chain.linkAll();
    await chain.linkAll();
  };

  it("what comes behind a noted head is made anew: nothing is signed, and it is found", async () => {
    const noted = await pass(5);
    await pass(5);
    expect(await doctorSays()).toEqual(["ok"]);
    await forgeFrom(Number(noted.split(":")[0]) + 2);
    await nextPass();
    expect(alarms()).toHaveLength(1);
    expect(await doctorSays()).toEqual(["fail"]);
    const report = await verify(noted);
    expect(report.notLinked).toBe(3);
    expect(report.findings.map(({ what }) => what)).toEqual(["signature"]);
  });

  it("the mark is set back to a link, or before it, with links behind it", async () => {
    const noted = await pass(5);
    await pass(5);
    await setMark(Number(noted.split(":")[0]));
    await nextPass();
    await setMark(0);
    await nextPass();
    expect(alarms().length).toBeGreaterThan(0);
    expect((await verify(noted)).notLinked).toBe(6);
  });

  it("links and mark don't fit each other", async () => {
    await pass(5);
    const head = await pass(5);
    const end = Number(head.split(":")[0]);
    await test.app.db.kysely.deleteFrom("audit_links").where("entry_id", ">=", end).execute();
    await nextPass();
    expect(alarms()).toHaveLength(1);
    expect((await verify()).findings).toContainEqual({ entryId: end, what: "missing" });
  });
});

it("begun anew without its oldest entries while the server runs: nothing is signed", async () => {
  await pass(5);
  const head = await pass(5);
  const { kysely } = test.app.db;
  await kysely.deleteFrom("audit_links").execute();
  await setMark(0);
  await kysely
    .deleteFrom("audit_entries")
    .where("id", "=", (oldest) =>
      oldest.selectFrom("audit_entries").select((row) => row.fn.min("id").as("id")),
    )
    .execute();
  await write(3);
  await chain.linkAll();
  expect(alarms()).toHaveLength(1);
  expect(await verify()).toMatchObject({ linked: 0 });
  // While it was down it is what a new chain is: the noted head alone says that there was another.
  chain = started();
  await chain.linkAll();
  expect(await verify()).toMatchObject({ found: 0 });
  expect((await verify(head)).findings.map(({ what }) => what)).toContain("head");
});

it("cut back to a signed link while the server runs: nothing is signed", async () => {
  const noted = await pass(5);
  await pass(5);
  const { kysely } = test.app.db;
  const end = Number(noted.split(":")[0]);
  await kysely.deleteFrom("audit_links").where("entry_id", ">", end).execute();
  await setMark(end);
  await kysely.updateTable("audit_entries").set({ target: "forged" }).where("id", ">", end).execute();
  await write(3);
  await chain.linkAll();
  expect(alarms()).toHaveLength(1);
  expect((await verify(noted)).notLinked).toBe(8);
});

it("a process that starts says at once what was done while it was down, and remembers where it met the chain", async () => {
  const noted = await pass(5);
  const next = started();
  await next.begin();
  expect(alarms()).toEqual([]);
  const end = Number(noted.split(":")[0]);
  const { kysely } = test.app.db;
  const last = await kysely
    .selectFrom("audit_links")
    .selectAll()
    .where("entry_id", "=", end)
    .executeTakeFirstOrThrow();
  await kysely.deleteFrom("audit_links").execute();
  await setMark(0);
  await write(3);
  await next.linkAll();
  expect(alarms()).toHaveLength(1);
  expect(await verify()).toMatchObject({ linked: 0 });
  await kysely
    .insertInto("audit_links")
    .values({ ...last, signature: null })
    .execute();
  await setMark(end);
  await started().begin();
  expect(alarms()).toHaveLength(2);
});

it("another process goes on with the chain: the one that saw an earlier head goes on behind it", async () => {
  await pass(5);
  const other = started();
  await write(3);
  await other.linkAll();
  await pass(3);
  expect(alarms()).toEqual([]);
});

it("more links without a signature than a pass has are found", async () => {
  await pass(450);
  const { kysely } = test.app.db;
  const ids = (await kysely.selectFrom("audit_links").select("entry_id").orderBy("entry_id").execute()).map(
    ({ entry_id }) => entry_id,
  );
  await kysely
    .updateTable("audit_links")
    .set({ signature: null })
    .where("entry_id", "<", ids.at(-1)!)
    .execute();
  expect((await verify()).findings).toEqual([{ entryId: ids[199], what: "signature" }]);
});

it("the log has the head, once an hour", async () => {
  const told = () => lines.filter((line) => line.includes('"head":"'));
  const first = await pass(3);
  await pass(3);
  expect(told()).toHaveLength(1);
  expect(told()[0]).toContain(`"head":"${first}"`);
  test.clock.advance(3600);
  const later = await pass(3);
  expect(told()[1]).toContain(`"head":"${later}"`);
});
