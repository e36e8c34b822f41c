import { writeSecondFactor } from "../accounts/change.ts";
import type { User } from "../accounts/record.ts";
import { securityNoticeJob } from "../accounts/user-jobs.ts";
import type { Users } from "../accounts/users.ts";
import { forgetRememberedDevices } from "../devices/remembered-devices.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Language } from "../words/language.ts";
import { deleteFactors, findRecovery, findTotp, putRecovery } from "./factor-store.ts";
import { newRecoverySeed, recoveryCodesOf } from "./recovery-code.ts";
import { createFactorSeal } from "./sealed-factor.ts";

/**
 * Whether a log-in asks an account for its second factor, and what comes and goes with that: recovery codes, and the mail to
 * the owner. Each function works in the caller's transaction, in which the account is locked.
 */
export interface FactorSwitchDeps {
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly secretKeys: SecretKeys;
  /** Whether the account must have one (second-factor-policy.ts). */
  readonly mustKeep: (account: User) => Promise<boolean>;
}

/** Whose account, as the caller's token or first factor showed it. */
export type FactorOwner = Pick<User, "id" | "credentials_version" | "username">;

export type Notice =
  | "second_factor_added"
  | "second_factor_removed"
  | "authenticator_changed"
  | "recovery_code_used"
  | "recovery_codes_low"
  | "recovery_codes_renewed"
  | "passkey_added"
  | "passkey_removed";

export type FactorSwitch = ReturnType<typeof createFactorSwitch>;

export function createFactorSwitch({ clock, jobs, users, secretKeys, mustKeep }: FactorSwitchDeps) {
  const factorSeal = createFactorSeal(secretKeys);

  /** `at`: when it happened; the link of some mails undoes what was done at that time or later. */
  async function notice(
    transaction: Db,
    userId: number,
    kind: Notice,
    language: Language,
    at = clock.now(),
  ): Promise<void> {
    await jobs.enqueueWith(transaction, securityNoticeJob, { userId, kind, language, at });
  }

  /** Ten others; those before are over. */
  async function newCodes(transaction: Db, userId: number): Promise<string[]> {
    const seed = newRecoverySeed();
    const row = {
      user_id: userId,
      sealed: factorSeal.seal(seed, "recovery_code", userId),
      created_at: clock.now(),
    };
    await putRecovery(transaction, row);
    return recoveryCodesOf(seed);
  }

  /** Passkeys stay: one can log in by them. */
  async function switchOff(transaction: Db, userId: number, language: Language): Promise<void> {
    await deleteFactors(transaction, userId);
    await forgetRememberedDevices(transaction, userId);
    await writeSecondFactor(transaction, userId, null, clock.now());
    await notice(transaction, userId, "second_factor_removed", language);
  }

  return {
    notice,
    newCodes,
    switchOff,

    /** The account under lock, while its credentials are those that `owner` was read with. Error: `token_expired`. */
    async lockOwner(transaction: Db, owner: FactorOwner): Promise<User> {
      const user = await users.lockUnchanged(transaction, owner);
      if (user === null) throw new AppError("token_expired");
      return user;
    },

    /**
     * From now on a log-in asks for it: after a first code of the app, or with a passkey that its owner wishes to use so.
     * Returns the recovery codes where these are the account's first, which are shown this once.
     */
    async switchOn(transaction: Db, user: User, language: Language): Promise<readonly string[]> {
      if (user.second_factor_at === null) {
        const now = clock.now();
        await writeSecondFactor(transaction, user.id, now, now);
        await notice(transaction, user.id, "second_factor_added", language, now);
      }
      const isThere = (await findRecovery(transaction, user.id)) !== null;
      return isThere ? [] : newCodes(transaction, user.id);
    },

    /**
     * Where an account's last passkey has gone: without an app the second factor goes with it, which takes proof in that very
     * call. Errors: `reauthentication_required`, whose answer has what proves it; `second_factor_kept` for an account that
     * must have one.
     */
    async switchOffUnlessLeft(
      transaction: Db,
      user: User,
      isProved: boolean,
      language: Language,
    ): Promise<void> {
      if (user.second_factor_at === null) return;
      const left = await findTotp(transaction, user.id);
      if (left !== null && left.confirmed_at !== null) return;
      if (await mustKeep(user)) throw new AppError("second_factor_kept");
      if (isProved) return switchOff(transaction, user.id, language);
      const methods = ["passkey", "recovery_code"];
      throw new AppError("reauthentication_required", {
        answer: { code: "reauthentication_required", methods },
      });
    },
  };
}
