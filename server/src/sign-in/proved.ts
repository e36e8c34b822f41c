import type { User } from "../accounts/record.ts";
import type { Proof } from "../codes/verification.ts";
import type { GivenFactor } from "../factors/given-factor.ts";
import type { Ticket } from "../identities/flow/ticket.ts";
import type { Language } from "../words/language.ts";

/** What a first factor proved: whose account it is, and by which way in. */
export const ways = [
  "password",
  "sign_up",
  "provider",
  "binding",
  "provider_sign_up",
  "passkey",
  "code",
  "basic",
] as const;

/**
 * - `password`: by a log-in name and its password;
 * - `sign_up`: with the account just made, by a code sent to its address;
 * - `provider`: by a third party that the account is bound to;
 * - `binding`: a first log-in by a third party, bound to an account by its password;
 * - `provider_sign_up`: a first log-in by a third party that an account was made of;
 * - `passkey`: by a passkey alone, which is both factors at once;
 * - `code`: by a code sent to its confirmed address or its proved number;
 * - `basic`: a request that brought the password in its header, and opened no session.
 */
export type Way = (typeof ways)[number];

/** Ways by which nobody else comes in: their device is no news to the owner. */
export const ownWays: ReadonlySet<string> = new Set(["sign_up", "provider_sign_up", "new_password"]);

/** What a way in hands over: whose account it proved. */
export interface Proved {
  /** As it is now: its credentials version goes into the token. */
  readonly account: User;
  readonly how: Way;
  /** The third party's name, for the log. */
  readonly provider?: string;
  /** The second factor that the way brought with it: then nobody is asked for another. */
  readonly factor?: GivenFactor;
  /** What the way itself writes once somebody is in; on SQLite in the commit of the record. */
  readonly settle?: () => Promise<void>;
  readonly binding?: HeldBinding;
}

/**
 * Who is to be bound to the account by a first log-in of theirs at a third party, once nothing holds it up any more: a
 * pending step carries it, so it is plain data.
 */
export interface HeldBinding {
  readonly ticket: Ticket;
  readonly proof: Proof;
  readonly language: Language;
  readonly acceptsTerms: boolean;
}
