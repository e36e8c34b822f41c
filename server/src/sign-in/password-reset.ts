import type { User } from "../accounts/record.ts";
import { securityNoticeJob } from "../accounts/user-jobs.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { ErrorCode } from "../errors/error-codes.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { Clock } from "../kernel/clock.ts";
import type { NewPasswords } from "../passwords/new-passwords.ts";
import type { Language } from "../words/language.ts";
import type { OtherProof, ShowOther } from "./other-proof.ts";
import { type Contact, type ContactDeps, codesOf, expiredOf, hasContact, ownerOf } from "./proved-contact.ts";

/**
 * A new password for somebody who can read the account's mail, or the SMS to its proved number. Promises: every earlier token of the account
 * ends with the change, in the same transaction, and every third-party binding that such a token alone could have added
 * (OWASP ASVS 5.0 7.5.1; guard: unproved-bindings.test.ts); the owner is notified by mail; an address or number without an
 * account answers as one with an account does (no code is ever sent to it, so no code can be right).
 */
export interface PasswordResetInput {
  readonly contact: Contact;
  readonly code: string;
  readonly password: string;
  /** The password once more. */
  readonly repeated: string;
  /** Beside a stale number. */
  readonly other: OtherProof;
}

export interface PasswordResetDeps extends ContactDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly newPasswords: NewPasswords;
  readonly bindings: Pick<Bindings, "removeUnproved">;
}

/** What lets a password be set: used up in its transaction, while the account is still as it has to be. */
export interface Authorised {
  readonly mayReset: (locked: User) => boolean;
  /** Answered where it is not. */
  readonly refusal: ErrorCode;
  readonly use: (transaction: Db) => Promise<void>;
}

export type PasswordReset = ReturnType<typeof createPasswordReset>;

export function createPasswordReset(deps: PasswordResetDeps & { readonly showOther: ShowOther }) {
  const { db, clock, jobs, users, newPasswords, bindings } = deps;

  /** The new password with all that comes with one, in the transaction of what authorises it. Error: `refusal`. */
  async function write(
    seen: User,
    passwordHash: string,
    how: Authorised & { readonly language: Language; readonly confirmsEmail: boolean },
  ): Promise<User> {
    return db.transaction(async (transaction) => {
      const locked = await users.lock(transaction, seen.id);
      if (locked === null || !how.mayReset(locked)) throw new AppError(how.refusal);
      await how.use(transaction);
      const { language } = how;
      const notice = { userId: seen.id, kind: "password_changed" as const, language, at: clock.now() };
      await jobs.enqueueWith(transaction, securityNoticeJob, notice);
      const proved = {
        id: seen.id,
        passwordHash,
        ...(how.confirmsEmail ? { emailVerified: 1 as const } : {}),
      };
      const credentials_version = await users.setPassword(transaction, proved);
      await bindings.removeUnproved(transaction, seen.id, { language });
      const email_verified = how.confirmsEmail ? (1 as const) : locked.email_verified;
      return { ...locked, password_hash: passwordHash, email_verified, credentials_version };
    });
  }

  /**
   * By what another room checked of its number; the account as it was then. Errors: `invalid_fields`, `passwords_differ`, `busy`,
   * `refusal`, and `number_stale` where a code to the number opens nothing by itself (other-proof.ts).
   */
  async function resetBy(
    seen: User,
    { password, repeated }: Pick<PasswordResetInput, "password" | "repeated">,
    { language, asker }: { readonly language: Language; readonly asker: Asker },
    authorised: Authorised & { readonly mobile: string },
  ): Promise<User> {
    const problem = await newPasswords.problem(password, seen);
    if (problem) throw invalidFields(problem);
    if (password !== repeated) throw new AppError("passwords_differ");
    const contact = { kind: "mobile", to: authorised.mobile } as const;
    const showing = { contact, given: {}, purpose: "resetpwd", factorFollows: false, language } as const;
    await deps.showOther(seen, showing, asker);
    const holder = { client: asker.network, account: String(seen.id) };
    const passwordHash = await newPasswords.hash(password, holder);
    return write(seen, passwordHash, {
      ...{ ...authorised, language, confirmsEmail: false },
      async use(transaction) {
        await authorised.use(transaction);
        await users.recordNumberProved(transaction, seen.id);
      },
    });
  }

  /** Returns the account as it is then. Errors: `invalid_fields`, `passwords_differ`, `sms_off`, the channel's of a wrong and an expired code, those of other-proof.ts, `busy`. */
  async function resetPassword(input: PasswordResetInput, language: Language, asker: Asker): Promise<User> {
    const { contact } = input;
    const isEmail = contact.kind === "email";
    const early = await newPasswords.problem(input.password, isEmail ? { email: contact.to } : {});
    if (early) throw invalidFields(early);
    if (input.password !== input.repeated) throw new AppError("passwords_differ");
    const codes = codesOf(deps, contact);
    const proof = await codes.check("resetpwd", contact.to, input.code, asker);
    const user = await ownerOf(users, contact);
    if (user === null || !mayReset(user, contact)) throw new AppError(expiredOf(contact));
    const showing = {
      contact,
      given: input.other,
      purpose: "resetpwd",
      factorFollows: false,
      language,
    } as const;
    const { hash: passwordHash, use } = await codes.orGiveBack(proof, async () => {
      const problem = await newPasswords.problem(input.password, user);
      if (problem) throw invalidFields(problem);
      const { use } = await deps.showOther(user, showing, asker);
      const holder = { client: asker.network, account: String(user.id) };
      return { use, hash: await newPasswords.hash(input.password, holder) };
    });
    const changed = await write(user, passwordHash, {
      ...{ language, refusal: expiredOf(contact), confirmsEmail: isEmail },
      // Hashing took a while: an address given up meanwhile opens nothing (guard: account.race.test.ts).
      mayReset: (locked) => mayReset(locked, contact),
      async use(transaction) {
        await codes.consume(transaction, proof);
        await use(transaction);
        if (!isEmail) await users.recordNumberProved(transaction, user.id);
      },
    });
    await codes.forget(proof);
    return changed;
  }

  return { resetPassword, resetBy };
}

function mayReset(user: User, contact: Contact): boolean {
  return user.is_active === 1 && hasContact(user, contact);
}
