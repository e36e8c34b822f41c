import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { forgetRememberedDevices } from "../devices/remembered-devices.ts";
import type { Db } from "../engines/database/database.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { limits } from "../kernel/limits.ts";
import { guessRules } from "../passwords/guess-rules.ts";
import type { Language } from "../words/language.ts";
import { type FactorMethod, methodsOf } from "./factor-methods.ts";
import {
  beginTotp,
  confirmTotp,
  deleteRecoverySince,
  deleteTotpSince,
  findRecovery,
  findTotp,
  type TotpRow,
  takeRecoveryCode,
  takeTotpStep,
} from "./factor-store.ts";
import { deletePasskeys, hasPasskey } from "./passkey-store.ts";
import { looksLikeRecoveryCode, recoveryCodeCount, recoveryCodeIndex } from "./recovery-code.ts";
import { createFactorSeal, type FactorKind } from "./sealed-factor.ts";
import type { FactorOwner, FactorSwitch } from "./second-factor-switch.ts";
import { base32Of, keyUri, newTotpSecret, stepOf } from "./totp.ts";
import { createTotpReplacement } from "./totp-replacement.ts";

/**
 * The second factor of an account: an authenticator app, and recovery codes for whoever lost it. Promises: a code of either
 * kind counts once, however many present it at the same time (attack: a code read over a shoulder or by a phishing page is
 * used again; guard: second-factors.race.test.ts); the app counts only after one of its codes came back; guesses are counted
 * before they are looked at, for each known device apart, and codes of the app apart from recovery codes, so that a stranger
 * who has the password keeps no owner out; a password reset never removes it (OWASP ASVS 5.0 6.4.3). The secret is encrypted,
 * and lies in no log, job or answer but the one that begins it.
 */
export interface SecondFactorsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly kv: KeyValue;
  readonly users: Users;
  readonly factorSwitch: FactorSwitch;
  readonly devices: KnownDevices;
  readonly secretKeys: SecretKeys;
  /** Whether the site's address can have passkeys (passkey-address.ts). */
  readonly passkeysWork: boolean;
  /** Whether the account must have one (second-factor-policy.ts). */
  readonly mustKeep: (account: User) => Promise<boolean>;
  /** The site's name in the app, in the reader's language. */
  readonly issuerIn: (language: Language) => string;
}

/**
 * Wrong codes of one device, and of all strangers together. Three of a million digits are good at any time, so a day's guesses
 * are right once in ten thousand days.
 */
const boundsOf = (kind: "second-factor" | "recovery-code") =>
  guessRules(kind, { perHour: limits[kind].most, perDay: limits[`${kind}-day`].most });

export interface FactorStatus {
  readonly enabled: boolean;
  /** Epoch milliseconds. */
  readonly since: number | null;
  readonly recoveryCodesLeft: number;
  /** What a log-in takes; empty while it asks for none. */
  readonly methods: readonly FactorMethod[];
}

export type SecondFactors = ReturnType<typeof createSecondFactors>;

export function createSecondFactors(deps: SecondFactorsDeps) {
  const { db, clock, users } = deps;
  const { notice, newCodes, lockOwner, switchOn, switchOff } = deps.factorSwitch;
  const factorSeal = createFactorSeal(deps.secretKeys);
  const limit = createRateLimit(deps.kv);
  const rules = {
    totp: boundsOf("second-factor"),
    recovery_code: boundsOf("recovery-code"),
  } as const;

  /** Whether the code is right, using it up. */
  async function take(
    owner: FactorOwner,
    kind: FactorKind,
    code: string,
    language: Language,
  ): Promise<boolean> {
    if (kind === "totp") {
      const row = await findTotp(db, owner.id);
      if (row === null || row.confirmed_at === null) return false;
      const step = stepOf(factorSeal.open(row, "totp"), code, clock.now());
      return step !== null && takeTotpStep(db, { userId: owner.id, sealed: row.sealed, step });
    }
    const row = await findRecovery(db, owner.id);
    if (row === null) return false;
    const index = recoveryCodeIndex(factorSeal.open(row, "recovery_code"), code);
    if (index === null) return false;
    return db.transaction(async (transaction) => {
      const used = await takeRecoveryCode(transaction, {
        userId: owner.id,
        sealed: row.sealed,
        bit: 1 << index,
      });
      if (used === null) return false;
      const left = recoveryCodeCount - countBits(used);
      await notice(transaction, owner.id, left <= 3 ? "recovery_codes_low" : "recovery_code_used", language);
      return true;
    });
  }

  /**
   * Proves the second factor by a code of the app or a recovery code. Errors: `second_factor_wrong`, `throttled`.
   */
  async function prove(
    owner: FactorOwner,
    code: string,
    asker: Asker,
    language: Language,
  ): Promise<FactorKind> {
    const kind: FactorKind = looksLikeRecoveryCode(code) ? "recovery_code" : "totp";
    const guesser = (await deps.devices.find(owner, asker)) ?? "strangers";
    // Not of these credentials alone: whoever can reset the password would guess anew after each reset.
    const subject = `${owner.id}-${guesser}`;
    await limit.countAll(rules[kind], subject);
    if (!(await take(owner, kind, code.trim(), language))) throw new AppError("second_factor_wrong");
    await limit.forgetAll(rules[kind], subject);
    return kind;
  }

  const ownMethods = (userId: number, from: Db = db) => methodsOf(from, userId, deps.passkeysWork);

  /** Whether a log-in is asked for what the account has, and so none is set up at it. */
  async function hasOne(transaction: Db, { id, second_factor_at }: User): Promise<boolean> {
    if (second_factor_at !== null) return true;
    return deps.passkeysWork && hasPasskey(transaction, id);
  }

  return {
    prove,

    async statusOf(id: number): Promise<FactorStatus> {
      const user = await users.byId(id);
      const since = user?.second_factor_at ?? null;
      if (since === null) return { enabled: false, since, recoveryCodesLeft: 0, methods: [] };
      const recovery = await findRecovery(db, id);
      const left = recovery === null ? 0 : recoveryCodeCount - countBits(recovery.used);
      return { enabled: true, since, recoveryCodesLeft: left, methods: await ownMethods(id) };
    },

    methodsOf: ownMethods,

    /** With which a log-in that waits for the account's first one can be gone on with. */
    firstMethods: [...(deps.passkeysWork ? ["passkey" as const] : []), "totp" as const],

    /** The app, moved to another phone. */
    replacement: createTotpReplacement(deps),

    /** A new secret for the app, which counts for nothing until `confirm`. Error: `second_factor_there`. */
    async begin(
      owner: FactorOwner,
      language: Language,
    ): Promise<{ readonly secret: string; readonly uri: string }> {
      const secret = newTotpSecret();
      const row = {
        user_id: owner.id,
        sealed: factorSeal.seal(secret, "totp", owner.id),
        created_at: clock.now(),
      };
      await beginTotp(db, row);
      const begun = await findTotp(db, owner.id);
      if (begun === null || begun.confirmed_at !== null) throw new AppError("second_factor_there");
      // Its own, also where another has begun at once and is the one that is kept: nobody is shown what somebody else has seen.
      return {
        secret: base32Of(secret),
        uri: keyUri(secret, { issuer: deps.issuerIn(language), label: owner.username }),
      };
    },

    /**
     * Switches it on with a first code of the app, which is used up by it. Returns the recovery codes where these are the
     * account's first, which are shown this once. `isFirst`: for who was let in to set one up because there is none. Errors:
     * `invalid_fields` for a wrong code, `second_factor_there`, also where another was switched on since `begin`, whose proof was
     * none of that one; `throttled`, `token_expired`.
     */
    async confirm(
      owner: FactorOwner,
      code: string,
      language: Language,
      { isFirst = false }: { readonly isFirst?: boolean } = {},
    ): Promise<readonly string[]> {
      await limit.countAll(rules.totp, `${owner.id}-${owner.credentials_version}-confirm`);
      return db.transaction(async (transaction) => {
        const user = await lockOwner(transaction, owner);
        const row = await findTotp(transaction, user.id);
        const isThere = isFirst && (await hasOne(transaction, user));
        if (isThere || isOvertaken(user, row)) throw new AppError("second_factor_there");
        const step = row === null ? null : stepOf(factorSeal.open(row, "totp"), code.trim(), clock.now());
        const taken = { userId: user.id, sealed: row?.sealed ?? "", step: step ?? 0 };
        if (step === null || !(await takeTotpStep(transaction, taken))) {
          throw invalidFields({ field: "code", code: "second_factor_code" });
        }
        const now = clock.now();
        await confirmTotp(transaction, user.id, now);
        // Beside one that was on already the mail about that would not be sent again.
        if (user.second_factor_at !== null) {
          await forgetRememberedDevices(transaction, user.id);
          await notice(transaction, user.id, "second_factor_added", language, now);
        }
        return switchOn(transaction, user, language);
      });
    },

    /** Switches it off. After proof of it in the very call. Errors: `token_expired`, `second_factor_kept`. */
    async remove(owner: FactorOwner, language: Language): Promise<void> {
      await db.transaction(async (transaction) => {
        const user = await lockOwner(transaction, owner);
        if (await deps.mustKeep(user)) throw new AppError("second_factor_kept");
        if (user.second_factor_at !== null) await switchOff(transaction, user.id, language);
      });
    },

    /** Ten others; those before are over. After proof of it in the very call. Errors: `not_found`, `token_expired`. */
    async renewCodes(owner: FactorOwner, language: Language): Promise<readonly string[]> {
      return db.transaction(async (transaction) => {
        const user = await lockOwner(transaction, owner);
        // A passkey that is only there to log in by proves its owner as well, and needs no codes.
        if (user.second_factor_at === null) throw new AppError("not_found");
        await forgetRememberedDevices(transaction, user.id);
        await notice(transaction, user.id, "recovery_codes_renewed", language);
        return newCodes(transaction, user.id);
      });
    },

    /** Takes it from an account whose owner lost it; passkeys stay to log in by. False where there is none. */
    async drop(transaction: Db, user: Pick<User, "id" | "second_factor_at">): Promise<boolean> {
      if (user.second_factor_at === null) return false;
      await switchOff(transaction, user.id, "unknown");
      return true;
    },

    /** The same with the passkeys, for an administrator. False where there is neither. */
    async reset(transaction: Db, user: Pick<User, "id" | "second_factor_at">): Promise<boolean> {
      const passkeys = await deletePasskeys(transaction, user.id);
      if (passkeys === 0 && user.second_factor_at === null) return false;
      await switchOff(transaction, user.id, "unknown");
      return true;
    },

    /**
     * Undoes what was switched on at `from` (epoch milliseconds) or later, of an account that the caller's transaction has
     * locked: passkeys, and the whole second factor, or else an app and recovery codes that came beside others or took their
     * place. Where that leaves nothing to give, it is off: its owner would be kept out by what is no more. Returns since when the
     * account has one then. For sessions/disown.ts.
     */
    async undoSince(
      transaction: Db,
      user: Pick<User, "id" | "second_factor_at">,
      from: number,
    ): Promise<number | null> {
      await deletePasskeys(transaction, user.id, from);
      if (user.second_factor_at === null) return null;
      await deleteTotpSince(transaction, user.id, from);
      await deleteRecoverySince(transaction, user.id, from);
      const left = (await findTotp(transaction, user.id))?.confirmed_at ?? null;
      if (user.second_factor_at >= from || (left === null && !(await hasPasskey(transaction, user.id)))) {
        await switchOff(transaction, user.id, "unknown");
        return null;
      }
      return user.second_factor_at;
    },
  };
}

/** An app that is there, or one begun before another second factor was, by who gave that one no proof. */
function isOvertaken({ second_factor_at: since }: User, row: TotpRow | null): boolean {
  if (row === null) return false;
  return row.confirmed_at !== null || (since !== null && row.created_at < since);
}

function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
