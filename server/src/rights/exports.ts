import type { User } from "../accounts/record.ts";
import { expectImpersonal } from "../accounts/staff-reason.ts";
import type { Users } from "../accounts/users.ts";
import type { Actor, Audit } from "../audit/audit.ts";
import type { Avatars } from "../avatars/avatars.ts";
import type { Db } from "../engines/database/database.ts";
import { defineJob, type JobDefinition, type Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import { deriveKeys, type SecretKeys } from "../kernel/keys.ts";
import { limits } from "../kernel/limits.ts";
import Type from "../kernel/schema/schema.ts";
import { seal, unsealByAny } from "../kernel/sealed.ts";
import type { Language } from "../words/language.ts";
import type { Words } from "../words/words.ts";
import { packExport } from "./export-archive.ts";
import {
  type DataExport,
  exportsOf,
  findExport,
  finishExport,
  insertExport,
  removeExports,
} from "./export-store.ts";
import type { PersonalTable } from "./personal-table.ts";
import { rightsNoticeJob } from "./rights-notice-job.ts";

/**
 * Everything that is kept about an account, for its owner (PIPL 45, GDPR 15 and 20). Promises: one in twenty-four hours, however
 * many ask at once (guard: rights.race.test.ts); it lies encrypted in the database, for seven days, and is handed to the owner's
 * session alone; it holds no hash, key, token or code; its owner is told at their confirmed address that somebody asked
 * (attack: a stolen session that carries everything off unseen), and "this wasn't me" there removes it. Guards: export.test.ts,
 * disowned-rights.test.ts.
 */
export interface ExportsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
  readonly audit: Audit;
  readonly users: Users;
  readonly words: Words;
  readonly tables: readonly PersonalTable[];
  readonly avatars: Pick<Avatars, "read">;
}

const keptDays = 7;
const Payload = Type.Object({ id: Type.String() });
/** Makes an export that was asked for. */
const dataExportJob = defineJob("data-export", Payload);

export type Exports = ReturnType<typeof createExports>;

/** What was asked and made, without `jobs`: the queue is opened with the job itself. */
export function createExports(deps: ExportsDeps) {
  const { db, clock, users, audit } = deps;
  const keys = deriveKeys(deps.secretKeys, "data export");
  const factsOf = ({ id, user_id }: Pick<DataExport, "id" | "user_id">) => `data export ${id} ${user_id}`;

  const record = (transaction: Db, user: User, action: string, after: Readonly<Record<string, unknown>>) =>
    audit.record(
      transaction,
      { id: user.id, name: user.username, requestId: null },
      { ...{ action, targetKind: "user", targetId: user.id, target: user.username }, before: {}, after },
    );

  const pack = (user: User, language: Language) =>
    packExport({ ...deps, readPicture: deps.avatars.read, user, language, now: clock.now() });

  /** Makes what was asked for; one that is made, or whose account is gone, is left alone. */
  async function make(jobs: Jobs, id: string): Promise<void> {
    const asked = await findExport(db, id);
    const user = asked === null ? null : await users.byId(asked.user_id);
    if (asked === null || user === null || asked.ready_at !== null) return;
    const archive = await pack(user, asked.language);
    const sealed = seal(keys[0], archive, factsOf(asked));
    await db.transaction(async (transaction) => {
      const now = clock.now();
      const expires = now + keptDays * dayMillis;
      if ((await users.lock(transaction, user.id)) === null) return;
      if (!(await finishExport(transaction, { id, now, expires, bytes: archive.length, sealed }))) return;
      await record(transaction, user, "user.export-made", { bytes: archive.length });
      await jobs.enqueueWith(transaction, rightsNoticeJob, {
        ...{ userId: user.id, kind: "data_export_ready", language: asked.language, at: now, until: expires },
      });
    });
  }

  return {
    /**
     * For staff, whose owner can't log in: the ZIP at once. It is in the audit log with the reason before it leaves, and the owner
     * is told as of any other export (attack: one administrator who carries people off unseen; guard: user-archive.test.ts). Errors:
     * `invalid_fields` for a reason that names somebody, `not_found` where the account went meanwhile.
     */
    async hand(jobs: Jobs, actor: Actor, user: User, wish: { reason: string; language: Language }) {
      expectImpersonal(wish.reason);
      const archive = await pack(user, wish.language);
      await db.transaction(async (transaction) => {
        if ((await users.lock(transaction, user.id)) === null) throw new AppError("not_found");
        await audit.record(transaction, actor, {
          ...{ action: "user.export-made", targetKind: "user", targetId: user.id, target: user.username },
          ...{ before: {}, after: { bytes: archive.length, reason: wish.reason } },
        });
        const [at, until] = [clock.now(), clock.now() + keptDays * dayMillis];
        const notice = {
          userId: user.id,
          kind: "data_export_asked",
          language: "unknown",
          at,
          until,
        } as const;
        await jobs.enqueueWith(transaction, rightsNoticeJob, notice);
      });
      return archive;
    },

    /**
     * Asks for one. Errors: `throttled` within twenty-four hours of the last, `token_unknown_user` where the account changed
     * meanwhile.
     */
    async ask(
      jobs: Jobs,
      seen: Pick<User, "id" | "credentials_version">,
      language: Language,
    ): Promise<DataExport> {
      return db.transaction(async (transaction) => {
        const user = await users.lockUnchanged(transaction, seen);
        if (user === null) throw new AppError("token_unknown_user");
        const now = clock.now();
        const [last] = await exportsOf(transaction, user.id, now);
        const free = last === undefined ? now : last.asked_at + limits.exports.windowSeconds * 1000;
        if (free > now)
          throw new AppError("throttled", { retryAfterSeconds: Math.ceil((free - now) / 1000) });
        const asked = await insertExport(transaction, {
          ...{ id: randomToken(16), user_id: user.id, language, asked_at: now },
          expires_at: now + keptDays * dayMillis,
        });
        await record(transaction, user, "user.export-asked", { asked_at: now });
        await jobs.enqueueWith(transaction, dataExportJob, { id: asked.id });
        await jobs.enqueueWith(transaction, rightsNoticeJob, {
          // Whoever asks may not be the owner.
          ...{
            userId: user.id,
            kind: "data_export_asked",
            language: "unknown",
            at: now,
            until: asked.expires_at,
          },
        });
        return asked;
      });
    },

    /** The owner's, the latest first. */
    list: (owner: Pick<User, "id">): Promise<DataExport[]> => exportsOf(db, owner.id, clock.now()),

    /** The ZIP. Error: `not_found` for another's, one that is not ready, and one whose time is over. */
    async open(owner: Pick<User, "id">, id: string): Promise<Buffer> {
      const found = await findExport(db, id);
      const isTheirs = found?.user_id === owner.id && found.expires_at > clock.now();
      const archive =
        isTheirs && found.sealed !== null ? unsealByAny(keys, found.sealed, factsOf(found)) : null;
      if (archive === null) throw new AppError("not_found");
      return archive;
    },

    /**
     * Removes every archive of the account, and what is being made, within the caller's transaction, which has locked it: its owner
     * says that somebody else was in there. It can be asked for again at once.
     */
    async withdraw(transaction: Db, owner: User): Promise<void> {
      const removed = await removeExports(transaction, owner.id);
      if (removed > 0) await record(transaction, owner, "user.exports-withdrawn", { removed });
    },

    /** The job that makes them; `jobs` is there once the queue is open. */
    definition: (jobs: () => Jobs): JobDefinition<typeof Payload> => ({
      ...dataExportJob,
      ...{ attempts: 8, backoffSeconds: 10, backoffLimitSeconds: 3600 },
      handler: ({ id }) => make(jobs(), id),
    }),
  };
}
