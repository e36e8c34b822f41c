import { afterEach, beforeEach, expect, test } from "vitest";
import { fakeClock } from "../../test/support/fake-clock.ts";
import { temporarySqlite } from "../../test/support/sqlite.ts";
import type { Database } from "../engines/database/database.ts";
import { type Audit, type AuditEvent, createAudit } from "./audit.ts";

let db: Database;
let audit: Audit;
const clock = fakeClock();
const actor = { id: 7, name: "admin", requestId: "r-1" };
const event = (over: Partial<AuditEvent> = {}): AuditEvent => ({
  action: "user.change",
  targetKind: "user",
  targetId: 3,
  target: "python01",
  before: { first_name: "a", last_name: "same" },
  after: { first_name: "b", last_name: "same" },
  ...over,
});

beforeEach(async () => {
  db = await temporarySqlite();
  audit = createAudit({ db, clock });
});
afterEach(() => db.close());

test("tells who, what, before and after, and only what changed", async () => {
  await db.transaction((transaction) => audit.record(transaction, actor, event()));
  expect((await audit.list({ limit: 10 })).entries).toEqual([
    {
      id: 1,
      at: clock.now(),
      actor,
      action: "user.change",
      targetKind: "user",
      targetId: 3,
      target: "python01",
      before: { first_name: "a" },
      after: { first_name: "b" },
    },
  ]);
});

test("a change that was rolled back leaves no entry, and no change none either", async () => {
  const rolledBack = db.transaction(async (transaction) => {
    await audit.record(transaction, actor, event());
    throw new Error("rolled back");
  });
  await expect(rolledBack).rejects.toThrow("rolled back");
  await audit.record(db, actor, event({ before: { a: 1 }, after: { a: 1 } }));
  expect(await audit.list({ limit: 10 })).toEqual({ entries: [], next: null });
});

test("never holds a secret", async () => {
  const before = { password_hash: "argon2$old", token: "t0", email_code: "AB12CD", secret_key: "k" };
  const after = { password_hash: "argon2$new", token: "t1", email_code: "EF34GH", secret_key: "l" };
  await audit.record(db, actor, event({ before, after }));
  const rows = JSON.stringify(await db.kysely.selectFrom("audit_entries").selectAll().execute());
  for (const secret of [...Object.values(before), ...Object.values(after)]) {
    if (secret.length > 1) expect(rows).not.toContain(secret);
  }
  expect(rows).toContain("(changed)");
});

test("is read newest first, page by page, by target and by actor", async () => {
  for (let i = 1; i <= 5; i++) {
    await audit.record(db, { ...actor, id: i % 2 }, event({ targetId: i, after: { n: i } }));
  }
  const ids = async (filter: Parameters<Audit["list"]>[0]) =>
    (await audit.list(filter)).entries.map(({ id }) => id);
  expect(await ids({ limit: 2 })).toEqual([5, 4]);
  expect(await ids({ limit: 2, beforeId: 4 })).toEqual([3, 2]);
  expect(await ids({ limit: 9, targetKind: "user", targetId: 3 })).toEqual([3]);
  expect(await ids({ limit: 9, actorId: 1 })).toEqual([5, 3, 1]);
  expect(await ids({ limit: 9, targetKind: "group" })).toEqual([]);
});

test("a page ends after as many entries as it may look at, found or not", async () => {
  const rows = Array.from({ length: 7_000 }, (_, at) => ({
    ...{ at, actor_id: at % 2, actor: "admin", action: at === 0 ? "system.start" : "user.change" },
    ...{ target_kind: at === 0 ? "system" : "user", target_id: at % 2 === 0 ? 3 : 4, target: "x" },
    ...{ before: "{}", after: "{}", request_id: null },
  }));
  for (let from = 0; from < rows.length; from += 1000) {
    await db.kysely
      .insertInto("audit_entries")
      .values(rows.slice(from, from + 1000))
      .execute();
  }
  // Half have the one, half the other, and none has both.
  expect(await audit.list({ actorId: 1, targetId: 3, limit: 20 })).toEqual({ entries: [], next: 3001 });
  expect(await audit.list({ actorId: 1, targetId: 3, limit: 20, beforeId: 3001 })).toEqual({
    ...{ entries: [], next: null },
  });
  expect(await audit.list({ action: "system", limit: 20 })).toEqual({ entries: [], next: 5001 });
  // What has one index alone is found in one page, wherever it is.
  const system = await audit.list({ targetKind: "system", limit: 20 });
  expect([system.entries.map(({ id }) => id), system.next]).toEqual([[1], null]);
});
