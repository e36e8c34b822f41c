import { type SelectQueryBuilder, sql } from "kysely";
import { nameKey } from "../../kernel/name-key.ts";
import type { Db } from "../database/database.ts";
import { endOfWalk } from "../database/list-walk.ts";
import type { MailState, Tables } from "../database/tables.ts";

/** As much of a mail as staff see of it. */
export interface RecordedMail {
  readonly id: number;
  readonly mail_id: string;
  readonly to_address: string | null;
  readonly kind: string;
  readonly state: MailState;
  readonly words: string | null;
  readonly tries: number;
  /** The job that sends it; null of those that were queued by an earlier version. */
  readonly job_id: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

/**
 * Pages of mails, newest first: none costs more for being far down the list, or for how many mails there are (guards:
 * mail-list.test.ts, which counts what a page looks at, and list-plans.test.ts).
 */
export interface MailFilter {
  readonly limit: number;
  /** Exactly these addresses and numbers, in any writing of them. */
  readonly to?: readonly string[] | undefined;
  /** Beside `to`: notices that wait to be sent to that account too. */
  readonly userId?: number | undefined;
  readonly state?: MailState | undefined;
  /** Older than this row. */
  readonly beforeId?: number | undefined;
}

/** `next` is what the next page is older than; null at the end. A page may be short, or empty, and still have one. */
export interface MailPage {
  readonly mails: readonly RecordedMail[];
  readonly next: number | null;
}

type Mails = SelectQueryBuilder<Tables, "mails", object>;

/** The condition of the index that has them (migration 0040), word for word: else SQLite doesn't apply it. */
const inTrouble = sql<boolean>`state in ('refused', 'bounced', 'complained')`;
const troubled: readonly MailState[] = ["refused", "bounced", "complained"];

export async function listMails(db: Db, filter: MailFilter): Promise<MailPage> {
  const { limit, to, userId, state, beforeId } = filter;
  let query = db.kysely.selectFrom("mails") as Mails;
  if (beforeId !== undefined) query = query.where("id", "<", beforeId);
  let end: number | null = null;
  // Budgets bound how many mails an address is sent in the days that they are kept.
  if (to !== undefined) query = query.where("id", "in", idsOf(db, to.map(nameKey), userId));
  else if (state !== undefined && troubled.includes(state)) query = query.where(inTrouble);
  else if (state !== undefined) {
    end = await endOfWalk(query.select("id").orderBy("id", "desc"));
    query = query.where("id", ">=", end ?? 0);
  }
  if (state !== undefined) query = query.where("state", "=", state);
  const rows = await query
    .select(["id", "mail_id", "to_address", "kind", "state", "words", "tries"])
    .select(["created_at", "updated_at", "job_id"])
    .orderBy("id", "desc")
    .limit(limit + 1)
    .execute();
  const mails = rows.slice(0, limit);
  return { mails, next: rows.length > limit ? mails.at(-1)!.id : end };
}

/** As a list of ids: left to choose, SQLite might walk through all mails in their order. */
function idsOf(db: Db, keys: readonly string[], userId: number | undefined) {
  const to = db.kysely.selectFrom("mails").select("id").where("to_key", "in", keys);
  if (userId === undefined) return to;
  const waiting = db.kysely.selectFrom("mails").select("id").where("user_id", "=", userId);
  return to.unionAll(waiting.where("to_key", "is", null));
}
