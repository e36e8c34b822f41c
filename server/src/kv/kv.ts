/**
 * Ephemeral data: codes, flags, attempts, limits, one-time states. Promise: every verb is atomic, also
 * between processes and machines; there is no read-then-write pair to race. Every entry has a time to live,
 * after which it is gone for every verb. Never used for anything that must survive its time to live.
 *
 * Keys are built by `key()` below, which names every prefix in one place. A part in braces is Redis Cluster's
 * hash tag: all keys of one batch must share it.
 */
export const keyPrefixes = {
  sendFlag: "flag", // one mail per address and interval
  code: "code", // the pending verification code of (purpose, address)
  attempts: "tries", // wrong tries at it
  limit: "limit", // rate limits
  state: "state", // OAuth states
  ticket: "ticket", // OAuth tickets of first log-ins
  once: "once", // anything else that is usable once
} as const;

/**
 * Builds a key: prefix, then the hash-tagged subject, then further parts.
 * Parts that come from people (addresses) must be hashed by the caller: keys show in logs and monitors.
 */
export function key(prefix: keyof typeof keyPrefixes, subject: string, ...rest: string[]): string {
  return [keyPrefixes[prefix], `{${subject}}`, ...rest].join(":");
}

export type Operation =
  | { readonly verb: "get"; readonly key: string }
  | { readonly verb: "set"; readonly key: string; readonly value: string; readonly ttlSeconds: number }
  | { readonly verb: "add"; readonly key: string; readonly value: string; readonly ttlSeconds: number }
  | { readonly verb: "take"; readonly key: string }
  | { readonly verb: "increment"; readonly key: string; readonly limit: number; readonly ttlSeconds: number }
  | { readonly verb: "delete"; readonly key: string };

/**
 * What one operation of a batch did. `refused` is true where an `add` found the key taken or an `increment`
 * found its limit reached, and for every operation after such a refusal, which is then not carried out.
 */
export interface Outcome {
  readonly refused: boolean;
  /** get, take: the value or null. */
  readonly value: string | null;
  /** increment: the count after this call (the limit when refused). */
  readonly count: number;
  /** When refused: whole seconds (at least 1) until the entry expires; otherwise 0. */
  readonly retryAfterSeconds: number;
}

export interface KeyValue {
  /** The value, or null when absent or expired. */
  get(key: string): Promise<string | null>;
  /** Writes the value, replacing any other. */
  set(key: string, value: string, ttlSeconds: number): Promise<void>;
  /** First writer wins: writes only where the key is absent. */
  add(key: string, value: string, ttlSeconds: number): Promise<Outcome>;
  /** Gets and deletes in one step: of many callers exactly one receives the value. */
  take(key: string): Promise<string | null>;
  /** Adds one unless the count has reached `limit`; the first call starts the time to live, later ones keep it. */
  increment(key: string, options: { limit: number; ttlSeconds: number }): Promise<Outcome>;
  delete(key: string): Promise<void>;
  /**
   * Several operations in order, in one atomic round trip. A refused `add` or `increment` stops the batch:
   * what comes after it is not done, what came before stays.
   */
  batch(operations: readonly Operation[]): Promise<Outcome[]>;
  /** Rejects when the store can't be reached; used by readiness. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
