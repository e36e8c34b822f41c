import type { Static, TSchema } from "typebox";
import type { Db } from "../database/database.ts";

/**
 * Background jobs. Promise: a job whose `enqueue` resolved is run at least once, also when every process is
 * killed right after; handlers are therefore safe to run twice. A job that keeps failing becomes a dead
 * letter that an operator can list and retry. Jobs never hold passwords, codes or tokens.
 */
export interface JobKind<Schema extends TSchema = TSchema> {
  readonly name: string;
  /** Checked when the job is enqueued and again before it runs. */
  readonly payload: Schema;
  /** Of a kind that sends one mail: what of it is known before it is sent. */
  mail?(payload: Static<Schema>): MailFacts;
}

/** What is known of a mail before it is sent. */
export interface MailFacts {
  /** As MailKind. */
  readonly kind: string;
  /** Where it goes; unknown until it is sent for a notice, which goes where the account's address is then. */
  readonly to?: string | undefined;
  /** The account it is about. */
  readonly userId?: number | undefined;
  /** The account that was logged in when it was asked for: what is kept of it goes with that, whoever's the address is. */
  readonly askedBy?: number | undefined;
}

/**
 * Names a kind of job, for those who enqueue it and for the one who does it; a kind that isn't there doesn't compile.
 * `mail` where the job sends one.
 */
export function defineJob<const Schema extends TSchema>(
  name: string,
  payload: Schema,
  mail?: (payload: Static<Schema>) => MailFacts,
): JobKind<Schema> {
  return { name, payload, ...(mail ? { mail } : {}) };
}

/** A kind of job with how it is done, and how often it is tried. */
export interface JobDefinition<Schema extends TSchema = TSchema> extends JobKind<Schema> {
  /** Runs after which it is a dead letter. */
  readonly attempts: number;
  /** Wait before the second run; doubled for each further one, at most `backoffLimitSeconds`. */
  readonly backoffSeconds: number;
  readonly backoffLimitSeconds: number;
  /**
   * Does the work. Throwing asks for a retry; throwing `PermanentFailure` makes it a dead letter at once.
   * The signal aborts when the worker has to stop.
   */
  handler(payload: Static<Schema>, run: JobRun): Promise<void>;
}

export interface JobRun {
  readonly id: string;
  /** 1 for the first run. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

export interface EnqueueOptions {
  /** Epoch milliseconds after which running it makes no sense: retries stop there and it becomes a dead letter. */
  readonly deadlineAt?: number;
  /** Seconds to wait before the first run. */
  readonly delaySeconds?: number;
  /** A caller's own id: a second enqueue with the same id while the first is kept is ignored. */
  readonly id?: string;
}

export interface Jobs {
  /** Durable when it resolves. Rejects with AppError `unavailable` when the queue can't be reached. */
  enqueue<Schema extends TSchema>(
    kind: JobKind<Schema>,
    payload: Static<Schema>,
    options?: EnqueueOptions,
  ): Promise<void>;
  /**
   * Writes the job as an outbox row through the caller's transaction: it exists if and only if that
   * transaction commits, and survives a kill between commit and publish.
   */
  enqueueWith<Schema extends TSchema>(
    transaction: Db,
    kind: JobKind<Schema>,
    payload: Static<Schema>,
    options?: EnqueueOptions,
  ): Promise<void>;
}

export type JobState = "waiting" | "running" | "done" | "dead";

/** What an operator sees of a job. `payload` is masked: addresses shortened. */
export interface JobView {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly attempts: number;
  readonly createdAt: number;
  readonly runAt: number;
  readonly lastError: string | null;
  readonly payload: unknown;
}

export interface JobFilter {
  readonly state?: JobState;
  readonly limit: number;
  /** So many of the first are left out: the pages before. */
  readonly skip?: number;
  /** Asked with the payload as it is stored, not masked: which jobs are about somebody. */
  readonly matching?: (payload: unknown) => boolean;
}

/** Of a job that is looked for: its kind's name, and whether it is still to be done. */
export interface FoundJob {
  readonly name: string;
  readonly isWaiting: boolean;
}

/** The operator's side: `npm run jobs`. */
export interface JobsAdmin {
  /** The latest first; of those that wait the one that is due last, of finished ones the one that ended last. */
  list(filter: JobFilter): Promise<JobView[]>;
  show(id: string): Promise<JobView | null>;
  /** Puts dead letters back (one id, or all); returns how many. */
  retry(id: string | "all"): Promise<number>;
  /** Removes one that waits or is dead; returns how many: one that runs or is done stays. */
  discard(id: string): Promise<number>;
  /** Removes waiting and dead jobs; returns how many. */
  drain(): Promise<number>;
  /**
   * Removes those that `matching` says are about somebody, asked with the payload as it is stored: waiting, done and dead ones.
   * What runs is left to end. Returns how many.
   */
  forget(matching: (payload: unknown, job: FoundJob) => boolean): Promise<number>;
  /** Of each state; with `upTo`, more than so many of one count as so many: they need not all be looked at. */
  counts(upTo?: number): Promise<Record<JobState, number>>;
}

export interface JobRunner {
  /** Begins to run jobs; resolves when ready. */
  start(): Promise<void>;
  /** Stops taking jobs and resolves when those in hand are finished or `limitSeconds` have passed. */
  stop(limitSeconds: number): Promise<void>;
}

/** Thrown by a handler when trying again can't help. */
export class PermanentFailure extends Error {
  override readonly name = "PermanentFailure";
}
