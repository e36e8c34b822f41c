import { isSameName } from "../accounts/account-field.ts";
import type { User } from "../accounts/record.ts";
import { securityNoticeJob } from "../accounts/user-jobs.ts";
import type { Users } from "../accounts/users.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { Clock } from "../kernel/clock.ts";
import type { NewPasswords } from "../passwords/new-passwords.ts";
import type { Language } from "../words/language.ts";

/**
 * A new password for somebody who can read the account's mail. Promises: every earlier token of the account
 * ends with the change, in the same transaction, and every third-party binding that such a token alone could have added
 * (OWASP ASVS 5.0 7.5.1; guard: unproved-bindings.test.ts); the owner is notified by mail; an address without an account
 * answers as one with an account does (no code is ever mailed to it, so no code can be right).
 */
export interface PasswordResetInput {
  readonly email: string;
  readonly email_code: string;
  readonly password: string;
  /** The password once more. */
  readonly repeated: string;
}

export interface PasswordResetDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly newPasswords: NewPasswords;
  readonly verifications: Verifications;
  readonly bindings: Pick<Bindings, "removeUnproved">;
}

export function createPasswordReset(deps: PasswordResetDeps) {
  const { db, clock, jobs, users, newPasswords, verifications, bindings } = deps;

  /** Returns the account as it is then. Errors: `invalid_fields`, `passwords_differ`, `code_expired`, `code_wrong`, `busy`. */
  async function resetPassword(input: PasswordResetInput, language: Language, asker: Asker): Promise<User> {
    const early = await newPasswords.problem(input.password, { email: input.email });
    if (early) throw invalidFields(early);
    if (input.password !== input.repeated) throw new AppError("passwords_differ");
    const proof = await verifications.check("resetpwd", input.email, input.email_code, asker);
    const user = await users.byEmail(input.email);
    if (user === null || !mayReset(user, input.email)) throw new AppError("code_expired");
    const passwordHash = await verifications.orGiveBack(proof, async () => {
      const problem = await newPasswords.problem(input.password, user);
      if (problem) throw invalidFields(problem);
      return newPasswords.hash(input.password, { client: asker.network, account: String(user.id) });
    });
    const changed = await db.transaction(async (transaction) => {
      // Hashing took a while: an address given up meanwhile opens nothing (guard: account.race.test.ts).
      const locked = await users.lock(transaction, user.id);
      if (locked === null || !mayReset(locked, input.email)) throw new AppError("code_expired");
      await verifications.consume(transaction, proof);
      const notice = { userId: user.id, kind: "password_changed" as const, language, at: clock.now() };
      await jobs.enqueueWith(transaction, securityNoticeJob, notice);
      const proved = { id: user.id, passwordHash, emailVerified: 1 } as const;
      const credentials_version = await users.setPassword(transaction, proved);
      await bindings.removeUnproved(transaction, user.id, { language });
      return { ...locked, password_hash: passwordHash, email_verified: 1 as const, credentials_version };
    });
    await verifications.forget(proof);
    return changed;
  }

  return { resetPassword };
}

function mayReset(user: User, email: string): boolean {
  return user.is_active === 1 && user.email !== null && isSameName(user.email, email);
}
