import type { ErasedNames } from "../accounts/erased-names.ts";
import type { Users } from "../accounts/users.ts";
import type { Db } from "../engines/database/database.ts";
import { defineJob, type FoundJob, type JobDefinition, type JobsAdmin } from "../engines/jobs/jobs.ts";
import { forgetMailsOf } from "../engines/mail/forget-mails.ts";
import { clockSkewMillis } from "../kernel/clock.ts";
import { nameKey } from "../kernel/name-key.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import Type from "../kernel/schema/schema.ts";
import { forgetInvitations } from "./forget-invitations.ts";
import { pseudonymise } from "./pseudonymise.ts";

/**
 * Removes what was written of an erased account by work that was under way in that moment: a mail that was just being handed over has its
 * record written afterwards, with the address, and its job stays done for a day. Nobody knows the names any more but by their digests,
 * so what came since is compared by those, or known by who asked for it (guard: deletion-traces.test.ts). The payload has no `userId`: such jobs are forgotten with
 * the account. What is still to be sent of a join stays, with the joined account's name and address: it speaks to the owner of the one
 * that was kept, and ends by itself after two days; this job comes back on the fourth for what it left (joining/join-notices.ts).
 */
const Payload = Type.Object({ erasedId: Type.Integer() });
export const eraseTracesJob = defineJob("erase-traces", Payload);

/** Longer than any run of a job that sends. */
export const tracesDelaySeconds = 300;
const pageSize = 500;

export interface EraseTracesDeps {
  readonly db: Db;
  readonly users: Pick<Users, "byId">;
  readonly erasedNames: Pick<ErasedNames, "digestsOf">;
  readonly queue: () => Pick<JobsAdmin, "forget">;
  /** Once everything is gone from the tables: from the engine's log, too (Database.forgetDeleted). */
  readonly forgetDeleted: () => Promise<void>;
  /** Whether the job is to be done although it carries a name of the account. */
  readonly isStillTold: (payload: unknown, job: FoundJob) => boolean;
}

export function eraseTraces({
  db,
  users,
  erasedNames,
  queue,
  forgetDeleted,
  isStillTold,
}: EraseTracesDeps): JobDefinition<typeof Payload> {
  return {
    ...eraseTracesJob,
    attempts: 20,
    ...{ backoffSeconds: 30, backoffLimitSeconds: 3600 },
    async handler({ erasedId }) {
      const { kysely } = db;
      const gone = await kysely
        .selectFrom("deleted_accounts")
        .select("deleted_at")
        .where("user_id", "=", erasedId)
        .executeTakeFirst();
      if (gone === undefined) return;
      await forgetMailsOf(db, erasedId);
      // What a process of 0.7.0 beside this one wrote of them meanwhile (audit/named-accounts.ts); an import may have given the id again.
      await db.transaction(async (transaction) => {
        if ((await users.byId(erasedId, transaction)) === null) await pseudonymise(transaction, erasedId, []);
      });
      const held = kysely
        .selectFrom("erased_names")
        .select("digest")
        .where("given_up_at", "=", gone.deleted_at);
      const digests = new Set((await held.execute()).map(({ digest }) => digest));
      const isTheirs = (name: string) => erasedNames.digestsOf(name).some((digest) => digests.has(digest));
      await forgetInvitations(db, gone.deleted_at, isTheirs);
      // In the order of the time: in that of the ids all mails of before would be gone through first.
      for (let [at, after] = [gone.deleted_at - clockSkewMillis, 0]; ; ) {
        const rows = await kysely
          .selectFrom("mails")
          .select(["id", "to_key", "created_at"])
          .where("created_at", ">=", at)
          .where((row) => row.or([row("created_at", ">", at), row("id", ">", after)]))
          .orderBy("created_at")
          .orderBy("id")
          .limit(pageSize)
          .execute();
        const found = rows.filter(({ to_key }) => to_key !== null && isTheirs(to_key)).map(({ id }) => id);
        if (found.length > 0) await kysely.deleteFrom("mails").where("id", "in", found).execute();
        if (rows.length < pageSize) break;
        const last = rows.at(-1)!;
        [at, after] = [last.created_at, last.id];
        await nextTurn();
      }
      await queue().forget((payload, job) =>
        speaksOf(payload, erasedId, isStillTold(payload, job) ? () => false : isTheirs),
      );
      await forgetDeleted();
    },
  };
}

/** Whether a job is about the account, was asked for by it, or carries a name of it. */
export function speaksOf(payload: unknown, id: number, isTheirs: (nameKey: string) => boolean): boolean {
  if (typeof payload !== "object" || payload === null) return false;
  return Object.entries(payload).some(
    ([name, value]) =>
      ((name === "userId" || name === "askedBy") && value === id) ||
      (typeof value === "string" && isTheirs(nameKey(value))),
  );
}
