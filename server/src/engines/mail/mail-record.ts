import { sql } from "kysely";
import type { Clock } from "../../kernel/clock.ts";
import { nameKey } from "../../kernel/name-key.ts";
import { type Db, statement } from "../database/database.ts";
import type { MailState } from "../database/tables.ts";
import type { MailFacts } from "../jobs/jobs.ts";
import { mailIdOf } from "./mail.ts";
import { listMails, type MailFilter, type MailPage } from "./mail-list.ts";

/**
 * What became of each mail, for staff who are asked "where is my mail?". Promise: no text of a mail and no code is
 * kept; a row goes after thirty days; nothing here decides whether a mail is sent or a code is good.
 */
export interface MailOutcome {
  readonly jobId: string;
  readonly to: string;
  readonly kind: string;
  /** `queued` where it will be tried again. */
  readonly state: MailState;
  /** Of the server that took or refused it; without addresses and codes. */
  readonly words: string;
  readonly providerId?: string | undefined;
  /** As MailFacts. */
  readonly askedBy?: number | undefined;
}

const keptMillis = 30 * 24 * 3600 * 1000;

/** What a mail service reports later. */
const reportedStates = ["delivered", "bounced", "complained"] as const;
export type ReportedState = (typeof reportedStates)[number];

/** A mail or SMS of which a service reported something new. */
export interface ReportedMail {
  readonly mail_id: string;
  readonly kind: string;
  /** Null where the record has only the account that it went to. */
  readonly to_address: string | null;
  readonly created_at: number;
}

const insert = statement(
  "mails.queued",
  (
    db,
    values: {
      mailId: string;
      to: string | null;
      toKey: string | null;
      userId: number | null;
      askedBy: number | null;
      kind: string;
      jobId: string;
      now: number;
    },
  ) =>
    db
      .insertInto("mails")
      .values({
        mail_id: values.mailId,
        job_id: values.jobId,
        to_address: values.to,
        to_key: values.toKey,
        user_id: values.userId,
        asked_by: values.askedBy,
        kind: values.kind,
        state: "queued",
        created_at: values.now,
        updated_at: values.now,
      })
      .onConflict((conflict) => conflict.column("mail_id").doNothing())
      .returning("id"),
);

/** A reported state stays: a mail may be handed over again, where the process that did it died before it could say so. */
const unlessReported = (column: "state" | "words" | "provider_id") =>
  sql<never>`case when mails.state in (${sql.join(reportedStates.map((state) => sql.lit(state)))}) then ${sql.ref(`mails.${column}`)} else ${sql.ref(`excluded.${column}`)} end`;

/** Also where it was never noted as queued. */
const outcome = statement(
  "mails.outcome",
  (
    db,
    values: {
      mailId: string;
      to: string;
      toKey: string;
      kind: string;
      state: MailState;
      words: string;
      providerId: string | null;
      jobId: string;
      askedBy: number | null;
      now: number;
    },
  ) => {
    const told = {
      to_address: values.to,
      to_key: values.toKey,
      kind: values.kind,
      state: values.state,
      words: values.words,
      provider_id: values.providerId,
      updated_at: values.now,
    };
    return db
      .insertInto("mails")
      .values({
        ...{ ...told, mail_id: values.mailId, job_id: values.jobId },
        ...{ user_id: null, asked_by: values.askedBy, tries: 1, created_at: values.now },
      })
      .onConflict((conflict) =>
        conflict.column("mail_id").doUpdateSet({
          ...{ ...told, tries: sql<number>`mails.tries + 1` },
          ...{ state: unlessReported("state"), words: unlessReported("words") },
          provider_id: unlessReported("provider_id"),
        }),
      )
      .returning("id");
  },
);

/**
 * The states that each may follow. A state only moves forward, so a report works once, however often and in whichever
 * order they come (guard: mail-events.race.test.ts).
 */
const follows = {
  delivered: ["queued", "accepted"],
  bounced: ["queued", "accepted", "delivered"],
  complained: ["queued", "accepted", "delivered", "bounced"],
} as const satisfies Record<ReportedState, readonly MailState[]>;

const reportAs = (state: ReportedState) =>
  statement(`mails.${state}`, (db, values: { providerId: string; words: string; now: number }) =>
    db
      .updateTable("mails")
      .set({ state, words: values.words, updated_at: values.now })
      .where("provider_id", "=", values.providerId)
      .where("state", "in", follows[state])
      .returning(["mail_id", "kind", "to_address", "created_at"]),
  );
const reports = {
  delivered: reportAs("delivered"),
  bounced: reportAs("bounced"),
  complained: reportAs("complained"),
};

const byProviderId = statement("mails.byProviderId", (db, values: { providerId: string }) =>
  db.selectFrom("mails").select("id").where("provider_id", "=", values.providerId),
);

const purge = statement("mails.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("mails")
    .where("id", "in", (old) =>
      old.selectFrom("mails").select("id").where("created_at", "<=", values.before).limit(values.limit),
    )
    .returning("id"),
);

export type MailRecord = ReturnType<typeof createMailRecord>;

export function createMailRecord({ db, clock }: { readonly db: Db; readonly clock: Clock }) {
  const counts: Record<string, number> = {};
  return {
    /** A mail that waits to be sent; through the transaction that its job is written with, if there is one. */
    async queued(target: Db, jobId: string, { kind, to, userId, askedBy }: MailFacts): Promise<void> {
      await target.first(insert, {
        mailId: mailIdOf(jobId),
        to: to ?? null,
        toKey: to === undefined ? null : nameKey(to),
        userId: userId ?? null,
        askedBy: askedBy ?? null,
        ...{ kind, jobId, now: clock.now() },
      });
    },

    /** What came of one try. */
    async tried({ jobId, to, kind, state, words, providerId, askedBy }: MailOutcome): Promise<void> {
      const name = `${kind.startsWith("sms_") ? "sms" : "mail"}:${state}`;
      counts[name] = (counts[name] ?? 0) + 1;
      await db.first(outcome, {
        mailId: mailIdOf(jobId),
        toKey: nameKey(to),
        providerId: providerId?.slice(0, 200) ?? null,
        askedBy: askedBy ?? null,
        words: words.slice(0, 500),
        ...{ to, kind, state, jobId: jobId.slice(0, 100), now: clock.now() },
      });
    },

    /** What a service reports of a mail by its id there: the mail, if this is news of it; else whether it is known. */
    async reported({
      providerId,
      state,
      words,
    }: {
      readonly providerId: string;
      readonly state: ReportedState;
      readonly words: string;
    }): Promise<ReportedMail | "known" | "unknown"> {
      const told = { providerId, words: words.slice(0, 500), now: clock.now() };
      const changed = await db.first(reports[state], told);
      if (changed !== null) return changed;
      return (await db.first(byProviderId, { providerId })) === null ? "unknown" : "known";
    },

    /** Tries since the start by what came of them: `mail:accepted`, `sms:refused`; `queued` is one that will be tried again. */
    stats: (): Readonly<Record<string, number>> => ({ ...counts }),

    /** Newest first: see mail-list.ts. */
    list: (filter: MailFilter): Promise<MailPage> => listMails(db, filter),

    /** Removes up to `limit` rows older than thirty days; returns how many. */
    purge: async (limit: number): Promise<number> =>
      (await db.all(purge, { before: clock.now() - keptMillis, limit })).length,
  };
}
