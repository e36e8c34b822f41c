import type { BaseLogger } from "pino";
import { randomId } from "../../kernel/ids.ts";
import { maskText } from "../../kernel/mask.ts";
import type { Db } from "../database/database.ts";
import { type Jobs, PermanentFailure } from "../jobs/jobs.ts";
import type { Mailer } from "./mail.ts";
import type { MailRecord } from "./mail-record.ts";

/**
 * Notes what becomes of mails: a mailer that records each try, and jobs that record each mail they queue. The mail
 * itself comes first: what can't be recorded is logged, and the mail goes its way.
 */
export interface RecordingDeps {
  readonly record: MailRecord;
  readonly log: Pick<BaseLogger, "warn">;
}

/** As the mailer, and what a server says of a mail is without its code, for logs as well. */
export function recordMails(mailer: Mailer, deps: RecordingDeps): Mailer {
  return {
    ...mailer,
    send: (message, signal) => {
      const about = { ...message, kind: message.kind ?? "other", what: "a mail" };
      return recordTry(
        about,
        deps,
        signal,
        async () => (await mailer.send(message, signal)) ?? { words: "" },
      );
    },
  };
}

/** A message that is sent, as the record and a log say it. */
interface Sending extends Pick<Outcome, "to" | "kind"> {
  readonly messageId: Outcome["jobId"];
  /** What no words of a server may have. */
  readonly code?: string;
  readonly askedBy?: Outcome["askedBy"];
  /** `a mail` */
  readonly what: string;
}

/** Notes what becomes of one try. Throws what `send` throws, in words without the code. */
export async function recordTry<Receipt extends { readonly words: string; readonly providerId?: string }>(
  message: Sending,
  { record, log }: RecordingDeps,
  signal: AbortSignal | undefined,
  send: () => Promise<Receipt>,
): Promise<Receipt> {
  const { messageId: jobId, to, kind, what, askedBy } = message;
  async function note(outcome: Pick<Outcome, "state" | "words" | "providerId">): Promise<void> {
    await record.tried({ jobId, to, kind, askedBy, ...outcome }).catch((error: unknown) => {
      log.warn({ err: error, jobId }, `what became of ${what} was not recorded`);
    });
  }
  try {
    const receipt = await send();
    const words = plainWords(receipt.words, message);
    await note({ state: "accepted", words, providerId: receipt.providerId });
    return receipt;
  } catch (error) {
    // The worker stops: that was no try.
    if (signal?.aborted || !(error instanceof Error)) throw error;
    const words = plainWords(error.message, message);
    error.message = words;
    await note({ state: error instanceof PermanentFailure ? "refused" : "queued", words });
    throw error;
  }
}

type Outcome = Parameters<MailRecord["tried"]>[0];

/** One line without addresses, numbers and the message's code, however the server wrote it. */
function plainWords(words: string, { code }: { readonly code?: string }): string {
  const masked = maskText(words.replaceAll(/[\s\p{Cc}]+/gu, " ").trim());
  if (code === undefined || code === "") return masked;
  const spelt = [...code].map((letter) => letter.replace(/\W/, "\\$&")).join("[\\s-]?");
  return masked.replaceAll(new RegExp(spelt, "gi"), "…");
}

/** As the jobs, and each that is a mail is recorded as queued: with its row where it is written in a transaction. */
export function recordQueued(jobs: Jobs, db: Db, { record, log }: RecordingDeps): Jobs {
  const unrecorded = (error: unknown, jobId: string) =>
    log.warn({ err: error, jobId }, "a queued mail was not recorded");
  return {
    async enqueue(kind, payload, options = {}) {
      const facts = kind.mail?.(payload);
      if (facts === undefined) return jobs.enqueue(kind, payload, options);
      const id = options.id ?? randomId();
      const noted = record.queued(db, id, facts).catch((error: unknown) => unrecorded(error, id));
      // At once: on SQLite both share a commit.
      await Promise.all([jobs.enqueue(kind, payload, { ...options, id }), noted]);
    },
    async enqueueWith(transaction, kind, payload, options = {}) {
      const facts = kind.mail?.(payload);
      if (facts === undefined) return jobs.enqueueWith(transaction, kind, payload, options);
      const id = options.id ?? randomId();
      await jobs.enqueueWith(transaction, kind, payload, { ...options, id });
      await record.queued(transaction, id, facts).catch((error: unknown) => {
        // PostgreSQL gives the whole transaction up with a statement that fails; on SQLite the mail goes without its record.
        if (db.engine === "postgres") throw error;
        unrecorded(error, id);
      });
    },
  };
}
