import { randomBelow } from "../kernel/ids.ts";

/**
 * An account's tokens carry its credentials version; another version ends them. It is random, not a counter and not a
 * time. After a restore, or a failover that lost transactions, a counter runs again: the very change that should end a
 * stolen token would bring back the number it was issued under, and an account that is given a lost one's id would
 * begin with the lost one's number (guard: restored-database.test.ts). Versions are only compared for equality; no
 * version is later than another.
 *
 * There are two thousand million, so one in as many collides. They stay far enough below PostgreSQL's largest integer
 * for the product's earlier version, which adds one, to run beside this one. Accounts made by that one have small
 * numbers until they change.
 */
export function newCredentialsVersion(): number {
  return leastRandom + randomBelow(range);
}

/** No counter came as far. */
const leastRandom = 1_000_000;
const range = 2_000_000_000 - leastRandom;

/** Of all accounts at once: `least + (version + shift) % range`. */
export interface VersionShift {
  readonly least: number;
  readonly range: number;
  readonly shift: number;
}

/**
 * For a statement that gives every account another version: it is never the version it was, always a random one, and two
 * that differed still differ.
 */
export function randomShift(): VersionShift {
  return { least: leastRandom, range, shift: range - leastRandom + 1 + randomBelow(range - 1) };
}

/** Whether the version can only be this one account's: then its token needs no user name to say whose it is. */
export function isRandomVersion(version: unknown): boolean {
  return typeof version === "number" && version >= leastRandom;
}
