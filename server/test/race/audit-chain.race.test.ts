import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import { createLog } from "../../src/kernel/log.ts";
import { insertDeleted } from "../../src/rights/deletion-store.ts";
import { forgetActors } from "../../src/rights/forget-actors.ts";
import { pseudonymise } from "../../src/rights/pseudonymise.ts";
import { purgeErased } from "../../src/rights/purge-erased.ts";
import { makePerson } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database: one chain, and no key of a person who is erased while it grows. */
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
  await Promise.all(chains().map((chain) => chain.begin()));
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const chains = () =>
  [test, second].map(({ app }) =>
    createAuditChain({
      log: createLog("silent"),
      db: app.db,
      clock: test.clock,
      secretKeys: [testSecretKey],
    }),
  );
const linkAtOnce = () => Promise.all([...chains(), ...chains()].map((chain) => chain.linkAll()));

it("begun and grown by many at once: each entry has one link, each link follows", async () => {
  const root = await makePerson(test, "rootuser", { is_superuser: 1 });
  const rename = (i: number) =>
    test.as(root.token)({
      method: "PATCH",
      url: `/admin/users/${root.id}/`,
      payload: { first_name: `${i}` },
    });
  for (let turn = 0; turn < 5; turn++) {
    for (let i = 0; i < 10; i++) await rename(turn * 10 + i);
    test.clock.advance(61);
    await linkAtOnce();
  }
  const report = await verifyChain(test.app.db, [testSecretKey], null);
  expect(report).toMatchObject({ notLinked: 0, findings: [] });
  expect(report.linked).toBeGreaterThanOrEqual(50);
});

it("a person erased while their entries are linked: no key of theirs is left, and the chain holds", async () => {
  const root = await makePerson(test, "rootuser2", { is_superuser: 1 });
  for (let turn = 0; turn < 10; turn++) {
    const { id } = await makePerson(test, `leaving${turn}`, { email: `leaving${turn}@example.com` });
    await test.as(root.token)({ method: "PATCH", url: `/admin/users/${id}/`, payload: { first_name: "三" } });
    const due = { deletion_due_at: test.clock.now() };
    await test.app.db.kysely.updateTable("users").set(due).where("id", "=", id).execute();
    test.clock.advance(61);
    await test.app.maintenance.run();
    await Promise.all([test.runJobs(), ...chains().map((chain) => chain.linkAll())]);
    await test.runJobs();
    const { kysely } = test.app.db;
    expect(await kysely.selectFrom("users").select("id").where("id", "=", id).execute()).toEqual([]);
    const keys = await kysely
      .selectFrom("audit_keys")
      .selectAll()
      .where("subject", "=", `user:${id}`)
      .execute();
    expect([turn, keys]).toEqual([turn, []]);
  }
  test.clock.advance(61);
  await linkAtOnce();
  expect(await verifyChain(test.app.db, [testSecretKey], null)).toMatchObject({ findings: [] });
});

it("links wait for an erasure that has begun: it has looked for keys before they made one", async () => {
  const root = await makePerson(test, "rootuser3", { is_superuser: 1 });
  const { id } = await makePerson(test, "leaving99");
  await test.as(root.token)({ method: "PATCH", url: `/admin/users/${id}/`, payload: { first_name: "三" } });
  test.clock.advance(61);
  let linked: Promise<void> | undefined;
  await test.app.db.transaction(async (transaction) => {
    await pseudonymise(transaction, id, []);
    linked = chains()[0]!.linkAll();
    // Long enough for whoever doesn't wait; who waits is here all the same.
    await setTimeout(500);
  });
  await linked;
  const { kysely } = test.app.db;
  const keys = await kysely
    .selectFrom("audit_keys")
    .selectAll()
    .where("subject", "=", `user:${id}`)
    .execute();
  expect(keys).toEqual([]);
});

it("a purge of what an erasure left waits for a pass that is linking it, and signs for what it takes", async () => {
  const { db } = test.app;
  const gone = 987_654;
  await insertDeleted(db, [testSecretKey], { user_id: gone, deleted_at: 1 });
  const { id } = await db.kysely
    .insertInto("audit_entries")
    .values({
      ...{ at: 1, actor_id: null, actor: "(late)", action: "user.change", target_kind: "user" },
      ...{ target_id: gone, target: `user#${gone}`, before: "{}", after: "{}", request_id: null },
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  test.clock.advance(61);
  const deps = {
    log: createLog("silent"),
    db: second.app.db,
    clock: test.clock,
    secretKeys: [testSecretKey] as const,
  };
  let purged: Promise<number> | undefined;
  const linked: number[] = [];
  await db.transaction(async (transaction) => {
    // As a pass of another process that has linked it and not committed yet.
    const pass = {
      ...db,
      transaction: (work: (of: typeof transaction) => Promise<number>) => work(transaction),
    };
    await createAuditChain({ ...deps, db: pass as never }).linkAll();
    const rows = transaction.kysely.selectFrom("audit_links").select("entry_id").where("entry_id", "=", id);
    linked.push(...(await rows.execute()).map(({ entry_id }) => entry_id));
    purged = purgeErased(deps, 2, 10);
    // Long enough for whoever doesn't wait.
    await setTimeout(500);
  });
  expect(linked).toEqual([id]);
  expect(await purged).toBe(1);
  const { findings } = await verifyChain(db, [testSecretKey], null);
  expect(findings.filter(({ entryId }) => entryId === id)).toEqual([]);
});

it("an entry that is written anew waits for those that are being written, so that a reader meets them first", async () => {
  const { db } = test.app;
  const gone = 987_655;
  await insertDeleted(db, [testSecretKey], { user_id: gone, deleted_at: 1 });
  const values = (at: number, actor_id: number | null) => ({
    ...{ at, actor_id, actor: `user#${gone}`, action: "group.change", target_kind: "group", target_id: 1 },
    ...{ target: "clerks", before: "{}", after: "{}", request_id: null },
  });
  await db.kysely.insertInto("audit_entries").values(values(2, gone)).execute();
  await createAuditChain({
    log: createLog("silent"),
    db,
    clock: test.clock,
    secretKeys: [testSecretKey],
  }).linkAll();
  const deps = {
    ...{ db: second.app.db, clock: test.clock, secretKeys: [testSecretKey] as const },
    log: createLog("silent"),
  };
  let isDone = false;
  let rewriting: Promise<void> | undefined;
  let written = 0;
  await db.transaction(async (transaction) => {
    const insert = transaction.kysely.insertInto("audit_entries").values(values(test.clock.now(), null));
    written = (await insert.returning("id").executeTakeFirstOrThrow()).id;
    rewriting = forgetActors(deps, 2, 10).then(() => {
      isDone = true;
    });
    await setTimeout(500);
    expect(isDone).toBe(false);
  });
  await rewriting;
  const anew = db.kysely
    .selectFrom("audit_entries")
    .select("id")
    .where("at", "=", 2)
    .where("actor", "=", "(erased)");
  expect(Number((await anew.executeTakeFirstOrThrow()).id)).toBeGreaterThan(Number(written));
});

it("whoever writes entries anew does not keep others waiting behind one that is being written for long", async () => {
  const { db, audit } = test.app;
  const gone = 987_656;
  await insertDeleted(db, [testSecretKey], { user_id: gone, deleted_at: 1 });
  const about = { target_kind: "group", target_id: 1, target: "clerks", before: "{}", after: "{}" };
  const entry = { at: 2, actor_id: gone, actor: `user#${gone}`, action: "group.change", request_id: null };
  await db.kysely
    .insertInto("audit_entries")
    .values({ ...entry, ...about })
    .execute();
  const deps = {
    ...{ db: second.app.db, clock: test.clock, secretKeys: [testSecretKey] as const },
    log: createLog("silent"),
  };
  const write = (of: typeof db) =>
    audit.record(
      of,
      { id: null, name: "wang (manage)", requestId: null },
      {
        ...{ action: "group.change", targetKind: "group", targetId: 1, target: "clerks" },
        ...{ before: { name: "a" }, after: { name: "b" } },
      },
    );
  if (db.engine !== "postgres") return;
  await db.transaction(async (transaction) => {
    await write(transaction as typeof db);
    const anew = forgetActors(deps, 2, 10).catch((error: unknown) => error);
    await setTimeout(100);
    // On a connection of its own, behind who waits.
    await write(second.app.db as typeof db);
    expect(await anew).toMatchObject({ code: "unavailable" });
  });
  expect(await forgetActors(deps, 2, 10)).toBe(1);
});
