import { isSameName } from "../accounts/account-field.ts";
import { isMobileProved } from "../accounts/mobile.ts";
import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Db } from "../engines/database/database.ts";
import type { ErrorCode } from "../errors/error-codes.ts";
import { AppError } from "../errors/errors.ts";

/** What a code was sent to, by which its holder signs up, logs in or resets: an address or a number. */
export interface Contact {
  readonly kind: "email" | "mobile";
  /** As accounts/email.ts and accounts/mobile.ts store it. */
  readonly to: string;
}

export interface ContactDeps {
  readonly users: Users;
  readonly verifications: Verifications;
  /** Codes by SMS; null where the site sends none. */
  readonly smsCodes: Verifications | null;
}

/** The codes of a contact's channel. Error: `sms_off`. */
export function codesOf(
  { verifications, smsCodes }: Omit<ContactDeps, "users">,
  { kind }: Pick<Contact, "kind">,
): Verifications {
  const codes = kind === "email" ? verifications : smsCodes;
  if (codes === null) throw new AppError("sms_off");
  return codes;
}

/** What is answered where a code is good for nothing: as for one that was never sent. */
export const expiredOf = ({ kind }: Contact): ErrorCode =>
  kind === "email" ? "code_expired" : "sms_code_expired";

/** The account whose own address this is, confirmed or not, or whose proved number: an unproved one carries no code. */
export const ownerOf = (users: Users, { kind, to }: Contact, from?: Db): Promise<User | null> =>
  kind === "email" ? users.byEmail(to, from) : users.byProvedMobile(to, from);

/** Whether the account, as it was read under lock, still has the contact. */
export function hasContact(account: User, { kind, to }: Contact): boolean {
  if (kind === "mobile") return account.mobile === to && isMobileProved(account);
  return account.email !== null && isSameName(account.email, to);
}

/** What a new account of the contact is begun with. `now` in epoch milliseconds. */
export const accountOf = ({ kind, to }: Contact, now: number) =>
  kind === "email"
    ? ({ email: to, email_verified: 1 } as const)
    : ({ email: null, mobile: to, proved_mobile: to, mobile_proved_at: now } as const);
