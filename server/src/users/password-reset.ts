import type { Db } from "../database/database.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Clock } from "../lib/clock.ts";
import { AppError, invalidFields } from "../lib/errors.ts";
import { checkPassword } from "../passwords/password-policy.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Verifications } from "../verifications/verification.ts";
import { securityNoticeJob } from "./user-jobs.ts";
import { findUserByEmail, updatePassword } from "./user-store.ts";

/**
 * A new password for somebody who can read the account's mail. Promises: every earlier token of the account
 * ends with the change, in the same transaction; the owner is told by mail; an address without an account
 * answers as one with an account does (no code is ever mailed to it, so no code can be right).
 */
export interface PasswordResetInput {
  readonly email: string;
  readonly email_code: string;
  readonly password: string;
  readonly password2: string;
}

export interface PasswordResetDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly passwords: Passwords;
  readonly verifications: Verifications;
}

export function createPasswordReset({ db, clock, jobs, passwords, verifications }: PasswordResetDeps) {
  /** Errors: `invalid_fields`, `passwords_differ`, `code_expired`, `code_wrong`, `busy`. */
  async function resetPassword(input: PasswordResetInput, language: "zh" | "en"): Promise<void> {
    const early = checkPassword(input.password, { email: input.email });
    if (early.length > 0) throw invalidFields(...early);
    if (input.password !== input.password2) throw new AppError("passwords_differ");
    const proof = await verifications.check("resetpwd", input.email, input.email_code);
    const user = await findUserByEmail(db, input.email);
    if (user === null || user.is_active === 0) throw new AppError("code_expired");
    const problems = checkPassword(input.password, { username: user.username, email: user.email ?? undefined });
    if (problems.length > 0) throw invalidFields(...problems);
    const passwordHash = await passwords.hash(input.password);
    await db.transaction(async (transaction) => {
      await verifications.consume(transaction, proof);
      await updatePassword(transaction, { id: user.id, passwordHash, emailVerified: 1, now: clock.now() });
      await jobs.enqueueWith(transaction, securityNoticeJob, { userId: user.id, kind: "password_changed", language });
    });
    await verifications.forget(proof);
  }

  return { resetPassword };
}
