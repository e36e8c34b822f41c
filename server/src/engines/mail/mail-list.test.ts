import { afterEach, beforeEach, expect, test } from "vitest";
import { temporarySqlite } from "../../../test/support/sqlite.ts";
import type { Database } from "../database/database.ts";
import { listMails, type MailFilter } from "./mail-list.ts";

let db: Database;
beforeEach(async () => {
  db = await temporarySqlite();
  const rows = Array.from({ length: 7_000 }, (_, at) => ({
    ...{ mail_id: `m${at}`, to_address: "44@qq.com", to_key: at < 2 ? "one@qq.com" : `${at}@qq.com` },
    ...{ user_id: at, kind: "register", words: null, provider_id: null, created_at: at, updated_at: at },
    state: at === 0 ? ("bounced" as const) : at < 3 ? ("queued" as const) : ("accepted" as const),
  }));
  for (let from = 0; from < rows.length; from += 1000) {
    await db.kysely
      .insertInto("mails")
      .values(rows.slice(from, from + 1000))
      .execute();
  }
});
afterEach(() => db.close());

const idsOf = async (filter: Omit<MailFilter, "limit">) => {
  const { mails, next } = await listMails(db, { limit: 20, ...filter });
  return [mails.map(({ id }) => id), next];
};

test("a page ends after as many mails as it may look at, found or not", async () => {
  expect(await idsOf({ state: "queued" })).toEqual([[], 5001]);
  expect(await idsOf({ state: "queued", beforeId: 5001 })).toEqual([[], 3001]);
  expect(await idsOf({ state: "queued", beforeId: 3001 })).toEqual([[], 1001]);
  expect(await idsOf({ state: "queued", beforeId: 1001 })).toEqual([[3, 2], null]);
});

test("what went wrong, and what went to an address, is found in one page, wherever it is", async () => {
  expect(await idsOf({ state: "bounced" })).toEqual([[1], null]);
  expect(await idsOf({ to: ["one@qq.com"] })).toEqual([[2, 1], null]);
  expect(await idsOf({ to: ["one@qq.com"], state: "queued" })).toEqual([[2], null]);
});

test("a full page has the next one behind its last mail", async () => {
  const { mails, next } = await listMails(db, { limit: 2, state: "accepted" });
  expect([mails.map(({ id }) => id), next]).toEqual([[7000, 6999], 6999]);
});
