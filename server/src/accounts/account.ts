import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Holder } from "../passwords/fair-waiting.ts";
import { guessRules } from "../passwords/guess-rules.ts";
import { passwordProblem } from "../passwords/password-policy.ts";
import type { Passwords } from "../passwords/passwords.ts";
import { isSameName } from "./account-field.ts";
import { writeChanges, writePassword, writeTokensEnded } from "./change.ts";
import { email as emailField } from "./email.ts";
import type { User } from "./record.ts";
import { securityNoticeJob } from "./user-jobs.ts";
import { lockUser } from "./user-store.ts";
import { usernameAfter } from "./username.ts";
import type { Users } from "./users.ts";

/**
 * What people change about their own account. Promises: what the account is recovered or logged in by
 * (address, mobile number, password) changes only for somebody who also knows the present password (attack:
 * a stolen token made into a stolen account; guard: account.test.ts), where the account has one; the owner
 * is notified by mail, at the old address when the address changed. Of simultaneous changes none writes back
 * a value that is out of date (guard: account.race.test.ts). Guesses at the present password are bounded.
 */
export interface AccountDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly kv: KeyValue;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly verifications: Verifications;
  readonly devices: KnownDevices;
  /** Wrong present passwords of one account within an hour and a day; those of log-in apart. */
  readonly loginFailureLimit: number;
  readonly loginFailureLimitPerDay: number;
}

type Language = "zh" | "en";

export type Account = ReturnType<typeof createAccount>;

export function createAccount(deps: AccountDeps) {
  const { db, clock, jobs, users, passwords, verifications } = deps;
  const limit = createRateLimit(deps.kv);
  const guesses = guessRules("present-password", {
    perHour: deps.loginFailureLimit,
    perDay: deps.loginFailureLimitPerDay,
  });

  async function userNow(id: number): Promise<User> {
    const user = await users.byId(id);
    if (user === null) throw new AppError("token_unknown_user");
    return user;
  }

  /**
   * The account under lock. Error: `token_expired` when its credentials changed since `seen` was read: then
   * neither the token nor the password that was checked since proves anything any more.
   */
  async function lockUnchanged(transaction: Db, seen: User): Promise<User> {
    const user = await lockUser(transaction, seen.id);
    if (user === null) throw new AppError("token_unknown_user");
    if (user.credentials_version !== seen.credentials_version) throw new AppError("token_expired");
    return user;
  }

  async function checkPresentPassword(
    user: User,
    typed: string | undefined,
    field: string,
    asker: Asker,
  ): Promise<void> {
    if (!passwords.isUsable(user.password_hash)) return;
    if (typed === undefined) throw invalidFields({ field, code: "required" });
    // Of strangers together and of each known device: a thief's guesses must not keep the owner from changing what
    // the thief has. Of these credentials: changed ones begin anew.
    const guesser = (await deps.devices.find(user, asker)) ?? "strangers";
    const subject = `${user.id}-${user.credentials_version}-${guesser}`;
    // Counted before the password is looked at (attack: a stolen token that guesses, also in parallel).
    await limit.countAll(guesses, subject);
    const trimmed = user.password_trimmed === 1;
    const holder = holderOf(user, asker);
    const { ok } = await passwords
      .verify(typed, user.password_hash, holder, { trimmed })
      .catch(async (error) => {
        // Told to wait: nobody looked at it (guard: log-in.test.ts).
        await limit.giveBackAll(guesses, subject);
        throw error;
      });
    if (ok) await limit.forgetAll(guesses, subject);
    else throw invalidFields({ field, code: "wrong_password" });
  }

  return {
    /**
     * Changes the names; a mobile number too, with the present password. Returns the account as it is then. An
     * imported number that several accounts had is nobody's to log in by; giving it again with the password
     * makes it the account's, as long as it is free.
     */
    async changeProfile(
      id: number,
      change: { first_name?: string; last_name?: string; mobile?: string | null; current_password?: string },
      asker: Asker,
    ): Promise<User> {
      const user = await userNow(id);
      const { current_password, ...fields } = change;
      const wanted = fields.mobile === undefined ? user.mobile : fields.mobile || null;
      // Forms send back what they showed: an unchanged number without a password asks for nothing.
      const isClaim = wanted !== null && wanted === user.mobile && current_password !== undefined;
      const isNewMobile = fields.mobile !== undefined && (wanted !== user.mobile || isClaim);
      if (isNewMobile) await checkPresentPassword(user, current_password, "current_password", asker);
      return db.transaction(async (transaction) => {
        const before = await lockUnchanged(transaction, user);
        const { first_name = before.first_name, last_name = before.last_name } = fields;
        const mobile = isNewMobile ? wanted : before.mobile;
        const claims = isNewMobile ? (["mobile"] as const) : [];
        return writeChanges(
          transaction,
          before,
          { first_name, last_name, mobile },
          { now: clock.now(), claims },
        );
      });
    },

    /** Errors: `invalid_fields` (wrong present password, weak or equal new one), `passwords_differ`, `busy`. */
    async changePassword(
      id: number,
      input: { current_password?: string; password: string; repeated: string },
      language: Language,
      asker: Asker,
    ): Promise<User> {
      const user = await userNow(id);
      const problem = passwordProblem(input.password, user);
      if (problem) throw invalidFields(problem);
      if (input.password !== input.repeated) throw new AppError("passwords_differ");
      await checkPresentPassword(user, input.current_password, "current_password", asker);
      const passwordHash = await passwords.hash(input.password, holderOf(user, asker));
      const now = clock.now();
      const version = await db.transaction(async (transaction) => {
        await lockUnchanged(transaction, user);
        const notice = { userId: id, kind: "password_changed" as const, language, at: now };
        await jobs.enqueueWith(transaction, securityNoticeJob, notice);
        const change = { id, passwordHash, emailVerified: user.email_verified };
        return writePassword(transaction, change, now);
      });
      return { ...user, password_hash: passwordHash, credentials_version: version };
    },

    /**
     * A new address, proved by the code sent to it (`send_type=changeEmail`). Errors as for sign-up. The present
     * address may be confirmed in the same way: one that several imported accounts have is nobody's to log in
     * by until the first of them proves it (guard: import-django.test.ts under api, account.race.test.ts).
     */
    async changeEmail(
      id: number,
      input: { email: string; email_code: string; current_password?: string },
      language: Language,
      asker: Asker,
    ): Promise<User> {
      const user = await userNow(id);
      const email = emailField.normalize(input.email);
      await checkPresentPassword(user, input.current_password, "current_password", asker);
      const proof = await verifications.check("changeEmail", email, input.email_code, asker);
      const updated = await db.transaction(async (transaction) => {
        const before = await lockUnchanged(transaction, user);
        const username = usernameAfter(before, email);
        await verifications.consume(transaction, proof);
        const changes = { username, email, email_verified: 1 } as const;
        // A user name that follows the address needs no claim of its own: it is the same name.
        const after = await writeChanges(transaction, before, changes, {
          now: clock.now(),
          claims: ["email"],
        });
        if (before.email !== null && !isSameName(before.email, email)) {
          const notice = {
            userId: id,
            kind: "email_changed" as const,
            language,
            to: before.email,
            at: clock.now(),
          };
          await jobs.enqueueWith(transaction, securityNoticeJob, notice);
        }
        return after;
      });
      await verifications.forget(proof);
      return updated;
    },

    /** Ends every token of the account, on all devices. Returns its new credentials version. */
    async endTokens(id: number): Promise<{ id: number; credentials_version: number }> {
      return { id, credentials_version: await writeTokensEnded(db, id, clock.now()) };
    },
  };
}

/** Who asks for a hash: the account itself, by its token. */
function holderOf(user: User, asker: Asker): Holder {
  return { client: asker.network, account: String(user.id) };
}
