import { forgetRememberedDevices } from "../devices/remembered-devices.ts";
import type { Db } from "../engines/database/database.ts";
import { type KeyValue, key } from "../engines/kv/kv.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { limits } from "../kernel/limits.ts";
import { guessRules } from "../passwords/guess-rules.ts";
import type { Language } from "../words/language.ts";
import { findTotp, replaceTotp } from "./factor-store.ts";
import { createFactorSeal } from "./sealed-factor.ts";
import type { FactorOwner, FactorSwitch } from "./second-factor-switch.ts";
import { base32Of, keyUri, newTotpSecret, stepOf } from "./totp.ts";

/**
 * Moving the authenticator app to another phone. Promises: the app that is there goes on counting until a first code of the new
 * one came back, and from that very step counts no more; of many that finish at once one does; recovery codes and passkeys stay;
 * the owner is told, with a link that takes it back. Until then the new secret lies encrypted in the store of what is short-lived,
 * for ten minutes. Who may begin is decided above (sign-in/second-factor-routes.ts). Guards: totp-replacement.test.ts,
 * second-factors.race.test.ts.
 */
export interface TotpReplacementDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly kv: KeyValue;
  readonly factorSwitch: FactorSwitch;
  readonly secretKeys: SecretKeys;
  /** The site's name in the app, in the reader's language. */
  readonly issuerIn: (language: Language) => string;
}

/** Seconds. */
const lifeSeconds = 600;
const rules = guessRules("second-factor-replacement", {
  perHour: limits["second-factor-replacement"].most,
  perDay: limits["second-factor-replacement-day"].most,
});

interface Begun {
  readonly sealed: string;
  /** As the one before lies in the database. */
  readonly replaces: string;
}

export function createTotpReplacement({ db, clock, kv, factorSwitch, ...deps }: TotpReplacementDeps) {
  const factorSeal = createFactorSeal(deps.secretKeys);
  const limit = createRateLimit(kv);
  const subjectOf = (owner: FactorOwner) => `${owner.id}-${owner.credentials_version}`;
  const keyOf = (owner: FactorOwner) => key("once", subjectOf(owner), "totp");

  return {
    /** A secret for the new phone, in place of one that was begun before. Error: `not_found` where there is no app. */
    async begin(
      owner: FactorOwner,
      language: Language,
    ): Promise<{ readonly secret: string; readonly uri: string }> {
      const present = await findTotp(db, owner.id);
      if (present === null || present.confirmed_at === null) throw new AppError("not_found");
      const secret = newTotpSecret();
      const begun: Begun = {
        sealed: factorSeal.seal(secret, "totp", owner.id),
        replaces: present.sealed,
      };
      await kv.set(keyOf(owner), JSON.stringify(begun), lifeSeconds);
      return {
        secret: base32Of(secret),
        uri: keyUri(secret, { issuer: deps.issuerIn(language), label: owner.username }),
      };
    },

    /**
     * Puts it in the place of the present one, with a first code of it. Errors: `invalid_fields`, `throttled`, `token_expired`,
     * `second_factor_setup_ended` where nothing was begun, or another app has taken the place since.
     */
    async confirm(owner: FactorOwner, code: string, language: Language): Promise<void> {
      await limit.countAll(rules, subjectOf(owner));
      const found = await kv.get(keyOf(owner));
      if (found === null) throw ended();
      const { sealed, replaces } = JSON.parse(found) as Begun;
      const now = clock.now();
      const step = stepOf(factorSeal.open({ user_id: owner.id, sealed }, "totp"), code.trim(), now);
      if (step === null) throw invalidFields({ field: "code", code: "second_factor_code" });
      await db.transaction(async (transaction) => {
        const { id: userId } = await factorSwitch.lockOwner(transaction, owner);
        if (!(await replaceTotp(transaction, { userId, replaces, sealed, step, now }))) throw ended();
        await forgetRememberedDevices(transaction, userId);
        await factorSwitch.notice(transaction, userId, "authenticator_changed", language, now);
      });
      await kv.delete(keyOf(owner));
    },
  };
}

const ended = () => new AppError("second_factor_setup_ended");
