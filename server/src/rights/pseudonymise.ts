import { forgetChainKeys, holdChain } from "../audit/audit-chain.ts";
import { peekMark } from "../audit/audit-marks.ts";
import { keepOutOfLog } from "../audit/named-accounts.ts";
import { pseudonymOf, withoutValues } from "../audit/without-values.ts";
import type { Db } from "../engines/database/database.ts";
import { nameKey } from "../kernel/name-key.ts";
import { nextTurn } from "../kernel/next-turn.ts";

/**
 * Takes a person out of the audit log: who did and suffered what is told by the id alone, and what changed by the names of the
 * fields. Times, actions and flags stay, because they are what the log is kept for (网络安全法: six months at least).
 */
export async function pseudonymise(transaction: Db, id: number, nameKeys: readonly string[]): Promise<void> {
  await keepOutOfLog(transaction, id);
  await holdChain(transaction);
  const { kysely } = transaction;
  const pseudonym = pseudonymOf(id);
  for await (const done of pagesOf((after) => entriesBy(transaction, id, after))) {
    await kysely
      .updateTable("audit_entries")
      .set({ actor: pseudonym })
      .where(
        "id",
        "in",
        done.map((entry) => entry.id),
      )
      .where("actor", "!=", pseudonym)
      .execute();
  }
  const names = new Set(nameKeys);
  const named: string[] = [];
  const clear = async (entry: Entry) => {
    const [before, after] = [withoutValues(entry.before), withoutValues(entry.after)];
    if (entry.target === pseudonym && entry.before === before && entry.after === after) return;
    await kysely
      .updateTable("audit_entries")
      .set({ target: pseudonym, before, after })
      .where("id", "=", entry.id)
      .execute();
  };
  for await (const suffered of pagesOf((after) => entriesAbout(transaction, id, after))) {
    for (const entry of suffered) if (entry.target_kind === "user") await clear(entry);
  }
  // An invitation of before names whom it is for. Accident: an erasure went through every one that there ever was.
  const looked = (await peekMark(transaction, "typed")) ?? 0;
  const invitations =
    names.size === 0 ? [] : pagesOf((after) => entriesOfInvitations(transaction, after), looked);
  for await (const page of invitations) {
    for (const entry of page) {
      const texts = [entry.target, ...textsIn(entry.before), ...textsIn(entry.after)];
      if (!texts.some((text) => names.has(nameKey(text)))) continue;
      named.push(`entry:${entry.id}`);
      await clear(entry);
    }
  }
  await forgetChainKeys(transaction, [`user:${id}`, ...named]);
}

/** So many entries in one turn of the event loop: whoever kept the place for years has more than a turn can hold. */
const pageSize = 200;

async function* pagesOf<Row extends { readonly id: number }>(
  read: (after: number) => Promise<readonly Row[]>,
  from = 0,
): AsyncGenerator<readonly Row[]> {
  for (let after = from; ; ) {
    const page = await read(after);
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = last.id;
    await nextTurn();
  }
}

type Entry = Awaited<ReturnType<typeof entriesAbout>>[number];

const pageAfter = (transaction: Db, after: number) =>
  transaction.kysely
    .selectFrom("audit_entries")
    .select(["id", "target_kind", "target", "before", "after"])
    .where("id", ">", after)
    .orderBy("id")
    .limit(pageSize);

const entriesBy = (transaction: Db, id: number, after: number) =>
  pageAfter(transaction, after).where("actor_id", "=", id).execute();

/** Whatever kind has that id: asked for the kind too, SQLite would go through all of the kind. */
const entriesAbout = (transaction: Db, id: number, after: number) =>
  pageAfter(transaction, after).where("target_id", "=", id).execute();

const entriesOfInvitations = (transaction: Db, after: number) =>
  pageAfter(transaction, after).where("target_kind", "=", "invitation").execute();

function textsIn(json: string): string[] {
  return Object.values(JSON.parse(json) as object).filter((value) => typeof value === "string");
}
