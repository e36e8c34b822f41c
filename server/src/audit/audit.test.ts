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
  expect(await audit.list({ limit: 10 })).toEqual([
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
  expect(await audit.list({ limit: 10 })).toEqual([]);
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
  const ids = async (filter: Parameters<Audit["list"]>[0]) => (await audit.list(filter)).map(({ id }) => id);
  expect(await ids({ limit: 2 })).toEqual([5, 4]);
  expect(await ids({ limit: 2, beforeId: 4 })).toEqual([3, 2]);
  expect(await ids({ limit: 9, targetKind: "user", targetId: 3 })).toEqual([3]);
  expect(await ids({ limit: 9, actorId: 1 })).toEqual([5, 3, 1]);
  expect(await ids({ limit: 9, targetKind: "group" })).toEqual([]);
});
