import type { Db } from "../database/database.ts";

/**
 * Ephemeral data: codes, flags, attempts, limits, one-time states. Promise: every verb is atomic, also
 * between processes and machines; there is no read-then-write pair to race. Every entry has a time to live,
 * after which it is gone for every verb. Never used for anything that must survive its time to live.
 *
 * Keys are built by `key()` below, which names every prefix in one place. A part in braces is Redis Cluster's
 * hash tag: all keys of one batch must share it.
 */
const keyPrefixes = {
  sendFlag: "flag", // one mail per address, client and interval
  mails: "mails", // codes sent to an address, within its budgets
  code: "code", // the living verification code of (purpose, address)
  askers: "askers", // who asked for it
  attempts: "tries", // tries at it
  guesses: "guesses", // strangers' tries at an address's codes
  smsSends: "smssends", // when SMS went, and go, to a number
  smsRefusal: "smsrefusal", // what a vendor of SMS refuses, of a number or of everybody
  limit: "limit", // rate limits
  state: "state", // OAuth states
  ticket: "ticket", // OAuth tickets of first log-ins
  picture: "picture", // picture codes
  findTicket: "findticket", // the steps to find a password
  once: "once", // anything else that is usable once
  probe: "probe", // readiness' trial of the store
} as const;

/** What every key has behind its subject. */
export const kvFamilies: readonly string[] = Object.values(keyPrefixes);

/**
 * Builds a key: the hash-tagged subject, then the prefix, then further parts. The subject stands first, so that what one
 * batch writes lies side by side in the table's index (measured: a quarter of a code request on SQLite).
 * Parts that come from people (addresses) must be hashed by the caller: keys show in logs and monitors.
 */
export function key(prefix: keyof typeof keyPrefixes, subject: string, ...rest: string[]): string {
  return [`{${subject}}`, keyPrefixes[prefix], ...rest].join(":");
}

export type Operation =
  | { readonly verb: "get"; readonly key: string }
  | { readonly verb: "set"; readonly key: string; readonly value: string; readonly ttlSeconds: number }
  | { readonly verb: "add"; readonly key: string; readonly value: string; readonly ttlSeconds: number }
  | { readonly verb: "take"; readonly key: string }
  | { readonly verb: "increment"; readonly key: string; readonly limit: number; readonly ttlSeconds: number }
  /** Takes one back from a count. At nothing the entry is gone; where there is none, nothing happens. */
  | { readonly verb: "decrement"; readonly key: string }
  | { readonly verb: "delete"; readonly key: string }
  /** Refused unless the entry has this value, empty: there is none. What follows in the batch is about that entry and no later one. */
  | { readonly verb: "expect"; readonly key: string; readonly value: string }
  | Share
  | Leave;

/**
 * Gives the entry's value to one more holder; the first one's `value` becomes it. Each share makes the entry live for
 * `ttlSeconds` more, but never longer than `spanSeconds` after the first, and never shortens its life. The holders, in
 * their order and as often as they shared, stand in `holdersKey`, joined by commas, for as long as the entry may live.
 */
export interface Share {
  readonly verb: "share";
  readonly key: string;
  readonly holdersKey: string;
  readonly value: string;
  /** Without a comma. */
  readonly holder: string;
  readonly ttlSeconds: number;
  readonly spanSeconds: number;
}

/** Takes back one share of a holder, while the entry still has this value. With the last share both entries go. */
export interface Leave {
  readonly verb: "leave";
  readonly key: string;
  readonly holdersKey: string;
  readonly value: string;
  readonly holder: string;
}

/**
 * What one operation of a batch did. `refused` is true where an `add` found the key taken, an `increment` its limit
 * reached or an `expect` another value, and for every operation after such a refusal, which is then not carried out.
 */
export interface Outcome {
  readonly refused: boolean;
  /** get, take: the value or null. share: the value all holders have. */
  readonly value: string | null;
  /** increment: the count after this call (the limit when refused). share: how many shares there are now. */
  readonly count: number;
  /** When refused: whole seconds (at least 1) until the entry expires; otherwise 0. */
  readonly retryAfterSeconds: number;
  /** share: how long the entry lives from now, in milliseconds; otherwise 0. */
  readonly lifeMillis: number;
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
   * Several operations in order, in one atomic round trip: all of them, or none. A refused one stops the batch; what
   * comes after it is not done, and what came before, which its outcome still tells, is undone.
   */
  batch(operations: readonly Operation[]): Promise<Outcome[]>;
  /**
   * The same entries as a part of a transaction, where the store is in its database and it holds up nobody: on SQLite. What
   * a refused batch did before the refusal stays: the caller undoes the transaction.
   */
  readonly within?: (transaction: Db) => Pick<KeyValue, "get" | "batch">;
  /** Rejects where the store can't be written and read as requests do; used by readiness. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** Throws a RangeError where an operation makes no sense; every implementation asks before it does anything. */
export function checkOperation(operation: Operation): void {
  if ("ttlSeconds" in operation && !(operation.ttlSeconds > 0)) {
    throw new RangeError("a time to live is more than 0 seconds");
  }
  if (operation.verb === "increment" && operation.limit < 1) {
    throw new RangeError("the limit of an increment is at least 1");
  }
  if (operation.verb === "share" && !(operation.spanSeconds >= operation.ttlSeconds)) {
    throw new RangeError("a share lives no longer than its span");
  }
  if ("holder" in operation && !/^[^,]+$/.test(operation.holder)) {
    throw new RangeError("a holder's name has characters, and no comma");
  }
}
