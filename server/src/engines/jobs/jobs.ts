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
}

/** Names a kind of job, for those who enqueue it and for the one who does it; a kind that isn't there doesn't compile. */
export function defineJob<const Schema extends TSchema>(name: string, payload: Schema): JobKind<Schema> {
  return { name, payload };
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

/** The operator's side: `npm run jobs`. */
export interface JobsAdmin {
  list(filter: { state?: JobState; limit: number }): Promise<JobView[]>;
  show(id: string): Promise<JobView | null>;
  /** Puts dead letters back (one id, or all); returns how many. */
  retry(id: string | "all"): Promise<number>;
  /** Removes waiting and dead jobs; returns how many. */
  drain(): Promise<number>;
  counts(): Promise<Record<JobState, number>>;
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
