import { randomBelow } from "../kernel/ids.ts";

/**
 * A credentials version: what an account's tokens are issued under, and what ends them by being another one. Random and
 * never counted, nor a time: a counter runs again after a restore or a failover that lost transactions, and the very
 * change that should end a stolen token then gives it back the number it was issued under; and an account that is given
 * a lost one's id would begin with the lost one's number (guard: restored-database.test.ts). Equality alone means
 * something; no version is later than another.
 *
 * Of two thousand million, so that one in as many collides, and below PostgreSQL's integer by enough for the version
 * before, which adds one, to run beside this one. Versions of accounts made by it are small numbers until they change.
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
