import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { resignBeginning } from "../../src/audit/chain-beginning.ts";
import { resignLinks } from "../../src/audit/resign-links.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { SecretKeys } from "../../src/kernel/keys.ts";
import { createLog } from "../../src/kernel/log.ts";
import { purgeErased } from "../../src/rights/purge-erased.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** The chain after SECRET_KEY was lost: begun anew by a command, and nobody takes that away. */
const lostKey = "the-key-that-was-lost-0123456789abcdefghijklmnopqr";
const gone = 880_001;
let test: TestApp;
let lines: string[];
let chain: ReturnType<typeof createAuditChain>;

const under = (key: string) => ({
  ...{ db: test.app.db, clock: test.clock, secretKeys: [key] as SecretKeys },
  log: createLog("info", { write: (line) => void lines.push(line) }),
});
const alarms = () => lines.filter((line) => line.includes('"alarm":"audit_chain"'));
const verify = (keys: SecretKeys = [testSecretKey]) => verifyChain(test.app.db, keys, null);
const write = (targetId: number) =>
  test.app.audit.record(
    test.app.db,
    { id: null, name: "wang (manage)", requestId: null },
    {
      ...{ action: "user.change", targetKind: "user" as const, targetId, target: `user#${targetId}` },
      ...{ before: { is_staff: 0 }, after: { is_staff: 1 } },
    },
  );
async function link(by = chain): Promise<void> {
  // Older than any transaction can be.
  test.clock.advance(61);
  await by.linkAll();
}
async function run(line: string, language: "zh" | "en" = "en") {
  const terminal = saidTerminal(language);
  const config = { ...test.config, secretKey: testSecretKey };
  const code = await runCommandLine(line.split(" "), {
    ...{ terminal, clock: test.clock, folder: ".", openDatabase, host: unstopped },
    loadConfig: async () => config,
    completeConfig: () => config,
    readSource: () => ({ SECRET_KEY: testSecretKey, MEIDUO_CALLED_BY: "wang" }),
    refuseBeside: () => {},
  });
  const { out, notes } = terminal.said;
  return { code, out, notes };
}

beforeEach(async () => {
  test = await startTestApp();
  lines = [];
  const before = createAuditChain(under(lostKey));
  await before.begin();
  await write(gone);
  await write(gone);
  await link(before);
  chain = createAuditChain(under(testSecretKey));
  await test.app.db.kysely
    .insertInto("deleted_accounts")
    .values({ user_id: gone, deleted_at: 1, mac: null })
    .execute();
});
afterEach(() => test.close());

it("goes on under the present key, says since when and by whom, and vouches for who was erased", async () => {
  await write(gone);
  await link();
  expect(alarms()).toHaveLength(1);
  const { head } = await verify();
  expect((await run("verify-audit begin-anew")).notes).toContain("add --yes");
  expect((await verify()).head).toBe(head);
  const done = await run("verify-audit begin-anew --yes --json");
  expect([done.code, done.notes]).toEqual([0, ""]);
  expect(JSON.parse(done.out)).toMatchObject({ by: "wang (manage)", oldHead: head, found: 1 });
  await link();
  expect(await verify()).toMatchObject({ linked: 4, notLinked: 0, found: 0 });
  const [english, chinese] = [await run("verify-audit"), await run("verify-audit", "zh")];
  expect([english.code, english.out]).toEqual([0, expect.stringContaining("Begun anew on ")]);
  expect(english.out).toContain(`by wang (manage); the head before was ${head}, with 1 found then.`);
  expect(chinese.out).toContain("由 wang (manage) 重新开始");
  const said = await test.app.db.kysely
    .selectFrom("audit_entries")
    .select(["actor", "before", "after"])
    .where("action", "=", "system.audit-chain-begun")
    .execute();
  expect(said).toEqual([
    { actor: "wang (manage)", before: JSON.stringify({ head, found: 1 }), after: '{"vouched":1}' },
  ]);
  // The first link is made over the beginning: what is purged there is signed, too.
  expect(await purgeErased(under(testSecretKey), 2, 100)).toBe(3);
  expect(await verify()).toMatchObject({ found: 0, purged: 3 });
});

it("a process that runs meanwhile goes on with the new chain, and with none that is put in its place", async () => {
  await run("verify-audit begin-anew --yes");
  await chain.begin();
  await link();
  await write(gone);
  await link();
  const { kysely } = test.app.db;
  const mark = kysely.selectFrom("audit_marks").selectAll().where("name", "=", "chain begun");
  const first = await mark.executeTakeFirstOrThrow();
  await run("verify-audit begin-anew --yes");
  await link();
  expect(alarms()).toEqual([]);
  expect(await verify()).toMatchObject({ linked: 5, found: 0 });
  // Put back as it was after the first time.
  await kysely.deleteFrom("audit_links").execute();
  await kysely.updateTable("audit_marks").set({ entry_id: 0 }).where("name", "=", "chain").execute();
  await kysely.updateTable("audit_marks").set(first).where("name", "=", "chain begun").execute();
  await write(gone);
  await link();
  expect(alarms()).toHaveLength(1);
  expect(await verify()).toMatchObject({ linked: 0 });
});

it("taken away, changed, or written without SECRET_KEY, it is found, and nothing is linked to it", async () => {
  await run("verify-audit begin-anew --yes");
  await link();
  const { kysely } = test.app.db;
  const mark = kysely.selectFrom("audit_marks").selectAll().where("name", "=", "chain begun");
  const row = await mark.executeTakeFirstOrThrow();
  const said = row.said!.replace("wang", "li");
  await kysely.updateTable("audit_marks").set({ said }).where("name", "=", "chain begun").execute();
  expect((await verify()).findings.map(({ what }) => what)).toEqual(["beginning", "broken"]);
  const shown = await run("verify-audit");
  expect([shown.code, shown.out]).toEqual([1, expect.not.stringContaining("Begun anew")]);
  await kysely.deleteFrom("audit_links").execute();
  await kysely.updateTable("audit_marks").set({ entry_id: 0 }).where("name", "=", "chain").execute();
  chain = createAuditChain(under(testSecretKey));
  await link();
  expect(alarms()).toHaveLength(1);
  expect(await verify()).toMatchObject({ linked: 0, found: 1 });
  await kysely.deleteFrom("audit_marks").where("name", "=", "chain begun").execute();
  expect((await verify()).found).toBe(0);
});

it("is signed anew where SECRET_KEY takes another's place; there is none to begin anew without a chain", async () => {
  await run("verify-audit begin-anew --yes");
  await link();
  const both: SecretKeys = ["another-key-that-takes-the-place-of-the-first-one", testSecretKey];
  const { db } = test.app;
  expect(await db.transaction((transaction) => resignBeginning(transaction, both))).toBe(1);
  await db.transaction((transaction) => resignLinks(transaction, both));
  expect(await db.transaction((transaction) => resignBeginning(transaction, both))).toBe(0);
  expect(await verify([both[0]])).toMatchObject({ found: 0, begun: { by: "wang (manage)" } });
  await db.kysely.deleteFrom("audit_links").execute();
  expect((await run("verify-audit begin-anew --yes")).code).toBe(1);
});
