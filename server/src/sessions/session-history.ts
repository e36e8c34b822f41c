import { type Db, statement } from "../engines/database/database.ts";
import type { SessionRow } from "./session-store.ts";

/** A log-in as the table has it, ended or not. Times in epoch milliseconds. */
export type PastLogIn = Pick<
  SessionRow,
  "id" | "way" | "provider" | "user_agent" | "network" | "created_at" | "ended_at"
>;

/** Behind which row a page begins. */
export interface HistoryCursor {
  readonly at: number;
  readonly id: string;
}

const columns = ["id", "way", "provider", "user_agent", "network", "created_at", "ended_at"] as const;

const page = statement(
  "sessions.history",
  (db, values: { userId: number; at: number; id: string; limit: number }) =>
    db
      .selectFrom("sessions")
      .select(columns)
      .where("user_id", "=", values.userId)
      .where((row) =>
        row.or([
          row("created_at", "<", values.at),
          row.and([row("created_at", "=", values.at), row("id", "<", values.id)]),
        ]),
      )
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(values.limit),
);

/** Log-ins of the account, the newest first, from behind the cursor on; as long as the maintenance keeps them. */
export function pastLogIns(
  db: Db,
  userId: number,
  { after, limit }: { readonly after: HistoryCursor | null; readonly limit: number },
): Promise<PastLogIn[]> {
  const { at, id } = after ?? { at: Number.MAX_SAFE_INTEGER, id: "" };
  return db.all(page, { userId, at, id, limit });
}

export const cursorOf = ({ created_at, id }: Pick<PastLogIn, "created_at" | "id">): string =>
  Buffer.from(`${created_at}.${id}`).toString("base64url");

/** Null for what is none. */
export function readCursor(text: string): HistoryCursor | null {
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,22})$/.exec(Buffer.from(text, "base64url").toString()) ?? [];
  return at === undefined || id === undefined ? null : { at: Number(at), id };
}
