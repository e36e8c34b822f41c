/**
 * Tokens that other services of the mall signed under the same key. They carry no credentials version, so what ends
 * them is the time they were issued at: as they say it, or else guessed from their expiry.
 */
export interface ForeignTokenRules {
  /** The longest life, in seconds, of what those services issue. A longer one outlives every guess, so it is refused. */
  readonly lifeSeconds: number;
  /** Take tokens that name no user where they say `token_type: "access"`, as drf-simplejwt's do. */
  readonly withoutUsername: boolean;
  /** Whether they count for accounts with a second factor, which that service then has to ask for. */
  readonly trustsSecondFactor: boolean;
}

export interface TimeClaims {
  readonly iat?: unknown;
  readonly orig_iat?: unknown;
}

/** For clocks of other machines. */
const leewaySeconds = 60;

/**
 * When the token says it was issued, in epoch seconds: `iat`, or `orig_iat`, which drf-jwt writes for tokens that may be
 * refreshed. A time in the future says nothing (attack: a token that counts as issued after every change of
 * credentials), and refuses nothing, because clocks differ. Null where nothing is reported.
 */
function statedIssueTime({ iat, orig_iat }: TimeClaims, now: number): number | null {
  const isPast = (value: unknown): value is number => typeof value === "number" && value <= now;
  return [iat, orig_iat].find(isPast) ?? null;
}

/** As stated, or else the earliest that it can have been; nothing earlier than a change of credentials stays good. */
export function issueTime(claims: TimeClaims, exp: number, now: number, rules: ForeignTokenRules): number {
  return statedIssueTime(claims, now) ?? exp - rules.lifeSeconds;
}

/** Whether it expires further ahead than any token of those services may. */
export function livesTooLong(exp: number, now: number, { lifeSeconds }: ForeignTokenRules): boolean {
  return exp > now + lifeSeconds + leewaySeconds;
}

/**
 * Whether it says that it was issued before the account was made: then it is of somebody whose id was given again, as
 * happens after a restore. `joinedAt` in epoch milliseconds.
 */
export function isOlderThanAccount(claims: TimeClaims, now: number, joinedAt: number): boolean {
  const stated = statedIssueTime(claims, now);
  return stated !== null && (stated + leewaySeconds) * 1000 < joinedAt;
}
