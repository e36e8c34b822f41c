import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Actor, Audit } from "../audit/audit.ts";
import { lastingName, withNamesNow } from "../audit/lasting-name.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import { insertNote, type Note, notesOf, removeNote } from "./note-store.ts";

/**
 * What staff write down about an account for each other. It is personal data of its owner: in their export, erased with the
 * account; the audit log has who wrote or removed one and never the text, which would outlive it.
 */
export interface NotesDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly users: Pick<Users, "lock" | "byId">;
}

export type Notes = ReturnType<typeof createNotes>;

/** Options of a request's schema, and of the command. */
export const noteText = { minLength: 1, maxLength: 4000 } as const;
/** Of one account; the page has no second one. */
const most = 200;

export function createNotes({ db, clock, audit, users }: NotesDeps) {
  const record = (
    transaction: Db,
    actor: Actor,
    verb: "note" | "note-removed",
    { id, username }: User,
    note: string,
  ) =>
    audit.record(transaction, actor, {
      ...{ action: `user.${verb}`, targetKind: "user", targetId: id, target: username },
      ...{ before: {}, after: { note } },
    });

  /** Error: `not_found`. */
  async function locked(transaction: Db, userId: number): Promise<User> {
    const user = await users.lock(transaction, userId);
    if (user === null) throw new AppError("not_found");
    return user;
  }

  return {
    /** The latest first. Error: `not_found`. */
    async list(userId: number): Promise<readonly Note[]> {
      if ((await users.byId(userId)) === null) throw new AppError("not_found");
      return withNamesNow(db, await notesOf(db, userId, most), "author");
    },

    /** Errors: `not_found`, `too_many_notes`. */
    async add(actor: Actor, userId: number, text: string): Promise<Note> {
      return db.transaction(async (transaction) => {
        const user = await locked(transaction, userId);
        if ((await notesOf(transaction, userId, most)).length >= most)
          throw new AppError("too_many_notes", { parameters: { limit: most } });
        const about = { id: randomToken(), user_id: userId, text, created_at: clock.now() };
        await insertNote(transaction, { ...about, author: lastingName(actor) });
        await record(transaction, actor, "note", user, about.id);
        return { ...about, author: actor.name };
      });
    },

    /** Error: `not_found`. */
    async remove(actor: Actor, userId: number, id: string): Promise<void> {
      await db.transaction(async (transaction) => {
        const user = await locked(transaction, userId);
        if (!(await removeNote(transaction, userId, id))) throw new AppError("not_found");
        await record(transaction, actor, "note-removed", user, id);
      });
    },
  };
}
