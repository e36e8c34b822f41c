import type { Actor, Audit } from "../audit/audit.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Holder } from "../passwords/fair-waiting.ts";
import { guessRules } from "../passwords/guess-rules.ts";
import type { NewPasswords } from "../passwords/new-passwords.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Language } from "../words/language.ts";
import { isSameName } from "./account-field.ts";
import { keepReplaced } from "./address-changes.ts";
import { tellAddressChange } from "./address-notices.ts";
import { writeChanges, writePassword } from "./change.ts";
import { type ChangeEvents, endOwnTokens, tellChange } from "./change-events.ts";
import { createMobileChange, type NumberDeps } from "./change-mobile.ts";
import { email as emailField } from "./email.ts";
import type { ExpectOwner } from "./expect-owner.ts";
import type { ExtraFields } from "./extra-fields.ts";
import type { ForgetUnproved } from "./forget-unproved.ts";
import { recordImpersonated } from "./impersonated-change.ts";
import { nicknameChange } from "./nickname.ts";
import { createExpectOldNumber } from "./old-number.ts";
import { tellNumberChange } from "./owner-notices.ts";
import type { User } from "./record.ts";
import { securityNoticeJob } from "./user-jobs.ts";
import { lockUser } from "./user-store.ts";
import { refuseTooSoon, usernameAfter, username as usernameField } from "./username.ts";
import type { Users } from "./users.ts";

/**
 * What people change about their own account. Promises: what the account is recovered or logged in by
 * (address, mobile number, password) changes only for somebody who proves to be its owner (attack: a stolen token made into a
 * stolen account; guards: account.test.ts, step-up-matrix.test.ts); the owner is told by mail. Of simultaneous changes none
 * writes back a value that is out of date (guard: account.race.test.ts). Guesses at the present password are bounded.
 */
export interface AccountDeps extends NumberDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly kv: KeyValue;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly newPasswords: NewPasswords;
  readonly verifications: Verifications;
  readonly devices: KnownDevices;
  readonly extraFields: ExtraFields;
  /** Why an address can't become an account's here, or null. */
  readonly domainProblem: (email: string) => FieldCode | null;
  /** Error: `invalid_fields` for a number of a country that the site doesn't take. */
  readonly expectNumber: (mobile: string | null) => void;
  readonly audit: Audit;
  readonly events: ChangeEvents;
  readonly forgetUnproved: ForgetUnproved;
  /** Between two user names; 0 for as often as the owner likes. */
  readonly usernameChangeDays: number;
  /** Wrong present passwords of one account within an hour and a day; those of log-in apart. */
  readonly loginFailureLimit: number;
  readonly loginFailureLimitPerDay: number;
}

export type Account = ReturnType<typeof createAccount>;

export function createAccount(deps: AccountDeps) {
  const { db, clock, jobs, users, passwords, newPasswords, verifications } = deps;
  const { isErased } = users;
  const limit = createRateLimit(deps.kv);
  const oldNumber = createExpectOldNumber(deps);
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

  async function checkPresentPassword(user: User, typed: string, asker: Asker): Promise<void> {
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
    else throw invalidFields({ field: "current_password", code: "wrong_password" });
  }

  return {
    /** Whether there is a password that could be asked for. */
    hasPassword: async (id: number): Promise<boolean> =>
      passwords.isUsable((await userNow(id)).password_hash),

    /**
     * Checks the present password; false for an account without one, of which nothing typed is looked at. Errors:
     * `invalid_fields` (current_password), `throttled`, `busy`.
     */
    async provePassword(id: number, typed: string, asker: Asker): Promise<boolean> {
      const user = await userNow(id);
      if (!passwords.isUsable(user.password_hash)) return false;
      await checkPresentPassword(user, typed, asker);
      return true;
    },

    /**
     * Changes the names, by whoever acts in the owner's place with an entry of the audit log; a mobile number too, with the present password. Returns the account as it is then. An
     * imported number that several accounts had is nobody's to log in by; giving it again with the password
     * makes it the account's, as long as it is free.
     */
    async changeProfile(
      id: number,
      change: {
        first_name?: string;
        last_name?: string;
        nickname?: string | null;
        /** False: the owner keeps the user name that was made. */
        username_due?: boolean;
        mobile?: string | null;
        /** Beside another number, or none: see old-number.ts. */
        old_sms_code?: string;
        current_password?: string;
        fields?: Readonly<Record<string, unknown>>;
      },
      { asker, impersonator }: { readonly asker: Asker; readonly impersonator: Actor | null },
      expectOwner: ExpectOwner,
    ): Promise<User> {
      const user = await userNow(id);
      const { current_password, old_sms_code: code, fields: extra, ...fields } = change;
      const { values, problems } = deps.extraFields.read(extra, "user", false);
      if (problems.length > 0) throw invalidFields(...problems);
      const wanted = fields.mobile === undefined ? user.mobile : fields.mobile || null;
      // Forms send back what they showed: an unchanged number without a password asks for nothing.
      const isClaim = wanted !== null && wanted === user.mobile && current_password !== undefined;
      const isNewMobile = fields.mobile !== undefined && (wanted !== user.mobile || isClaim);
      if (wanted !== user.mobile) deps.expectNumber(wanted);
      const next = isNewMobile ? wanted : user.mobile;
      oldNumber.expectGiven(user, next, code);
      if (isNewMobile) await expectOwner(current_password);
      const old = await oldNumber.take(user, next, { code, asker });
      const updated = await db.transaction(async (transaction) => {
        const before = await lockUnchanged(transaction, user);
        const { first_name, last_name } = fields;
        const changes = {
          ...{ first_name, last_name, nickname: nicknameChange(before, fields.nickname) },
          ...(isNewMobile ? { mobile: wanted } : {}),
          ...(fields.username_due === false ? { username_due: 0 as const } : {}),
        };
        const claims = isNewMobile ? (["mobile"] as const) : [];
        const now = clock.now();
        if (isNewMobile) await old.use(transaction, before);
        const after = await writeChanges(transaction, before, changes, { now, claims, isErased });
        await keepReplaced(transaction, { before, after, now });
        await recordImpersonated(deps, transaction, impersonator, { before, after, fields: values });
        await deps.extraFields.write(transaction, id, values, now);
        await tellNumberChange(jobs, transaction, { before, after, now });
        await tellChange(deps.events, transaction, before, after);
        return after;
      });
      await old.forget();
      return updated;
    },

    /** Errors: `invalid_fields` (wrong present password, weak or equal new one), `passwords_differ`, `busy`. */
    async changePassword(
      id: number,
      input: { current_password?: string; password: string; repeated: string },
      { language, asker }: { readonly language: Language; readonly asker: Asker },
      expectOwner: ExpectOwner,
    ): Promise<User> {
      const user = await userNow(id);
      const problem = await newPasswords.problem(input.password, user);
      if (problem) throw invalidFields(problem);
      if (input.password !== input.repeated) throw new AppError("passwords_differ");
      await expectOwner(input.current_password);
      const passwordHash = await newPasswords.hash(input.password, holderOf(user, asker));
      const now = clock.now();
      const isProved = passwords.isUsable(user.password_hash) && input.current_password !== undefined;
      return db.transaction(async (transaction) => {
        const before = await lockUnchanged(transaction, user);
        const notice = { userId: id, kind: "password_changed" as const, language, at: now };
        await jobs.enqueueWith(transaction, securityNoticeJob, notice);
        const credentials_version = await writePassword(transaction, { id, passwordHash, isProved }, now);
        // Who changes it because of a thief wants none of the thief's ways in left (guard: unproved-bindings.test.ts).
        await deps.forgetUnproved(transaction, id, { language });
        return { ...before, password_hash: passwordHash, credentials_version };
      });
    },

    /**
     * A new address, proved by the code sent to it (`send_type=changeEmail`). Errors as for sign-up. The present
     * address may be confirmed in the same way: one that several imported accounts have is nobody's to log in
     * by until the first of them proves it (guard: import-django.test.ts under api, account.race.test.ts).
     */
    async changeEmail(
      id: number,
      input: { email: string; email_code: string; current_password?: string },
      { language, asker }: { readonly language: Language; readonly asker: Asker },
      expectOwner: ExpectOwner,
    ): Promise<User> {
      const user = await userNow(id);
      const email = emailField.normalize(input.email);
      // The present one may be confirmed, whatever the site thinks of it by now.
      const isOther = user.email === null || !isSameName(user.email, email);
      const problem = isOther ? deps.domainProblem(email) : null;
      if (problem !== null) throw invalidFields({ field: "email", code: problem });
      await expectOwner(input.current_password);
      const proof = await verifications.check("changeEmail", email, input.email_code, asker);
      const updated = await db.transaction(async (transaction) => {
        const before = await lockUnchanged(transaction, user);
        const username = usernameAfter(before, email);
        await verifications.consume(transaction, proof);
        const changes = { username, email, email_verified: 1 } as const;
        // A user name that follows the address needs no claim of its own: it is the same name.
        const about = { now: clock.now(), claims: ["email"] as const, isErased };
        const after = await writeChanges(transaction, before, changes, about);
        await keepReplaced(transaction, { before, after, now: about.now });
        await tellAddressChange(jobs, transaction, { before, after, language, now: about.now });
        await tellChange(deps.events, transaction, before, after);
        return after;
      });
      await verifications.forget(proof);
      return updated;
    },

    /**
     * Another user name, at most one in `usernameChangeDays`. The name before is held for this account alone. No token
     * ends: ours say whose they are by a random version, and nobody else can get the name that others carry (adr/0005).
     * Errors: `username_changed_lately`, `invalid_fields` (taken, held for somebody else, wrong present password).
     */
    async changeUsername(
      id: number,
      input: { username: string; current_password?: string },
      facts: { language: Language; requestId: string },
      expectOwner: ExpectOwner,
    ): Promise<User> {
      const user = await userNow(id);
      const username = usernameField.normalize(input.username);
      refuseTooSoon(user, deps.usernameChangeDays, clock.now());
      await expectOwner(input.current_password);
      return db.transaction(async (transaction) => {
        const before = await lockUnchanged(transaction, user);
        if (before.username === username) return before;
        // Of two at once the second sees the first's.
        const now = clock.now();
        refuseTooSoon(before, deps.usernameChangeDays, now);
        // The first choice of who was given a made name is no change of mind: a slip in it may be put right at once.
        const changedAt = before.username_due === 1 ? {} : { username_changed_at: now };
        const changes = { username, username_due: 0 as const, ...changedAt };
        const after = await writeChanges(transaction, before, changes, { now, isErased });
        const actor = { id, name: before.username, requestId: facts.requestId };
        await deps.audit.record(transaction, actor, {
          action: "user.change",
          ...{ targetKind: "user", targetId: id, target: before.username },
          ...{ before: { username: before.username }, after: { username } },
        });
        const notice = { userId: id, kind: "username_changed" as const, language: facts.language, at: now };
        await jobs.enqueueWith(transaction, securityNoticeJob, notice);
        return after;
      });
    },

    /** A number proved by a code: see change-mobile.ts. */
    changeMobile: createMobileChange(deps, { userNow, lockUnchanged }),

    endTokens: (id: number) => endOwnTokens(deps, id),
  };
}

/** Who asks for a hash: the account itself, by its token. */
function holderOf(user: User, asker: Asker): Holder {
  return { client: asker.network, account: String(user.id) };
}
