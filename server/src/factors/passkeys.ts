import type { Asker } from "../devices/asker.ts";
import { browserName } from "../devices/browser-name.ts";
import { forgetRememberedDevices } from "../devices/remembered-devices.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import { randomToken } from "../kernel/ids.ts";
import { limits } from "../kernel/limits.ts";
import type { Language } from "../words/language.ts";
import {
  challengeIn,
  loadCeremonies,
  type RegistrationOptions,
  registered,
  registrationOptions,
  type Shown,
} from "./passkey-ceremony.ts";
import { createPasskeyChallenges } from "./passkey-challenges.ts";
import { makerOf } from "./passkey-makers.ts";
import { createPasskeyProofs, type PasskeyProofsDeps } from "./passkey-proofs.ts";
import {
  anyPasskey,
  deletePasskey,
  handleOf,
  hasPasskey,
  insertPasskey,
  knownHandle,
  type PasskeyRow,
  passkeysOf,
  renamePasskey,
} from "./passkey-store.ts";
import type { FactorOwner, FactorSwitch } from "./second-factor-switch.ts";

/**
 * The passkeys of an account. Promises: at most `mostPasskeys`; a device has one for an account at most; the owner is told of
 * each that comes or goes; a log-in asks for one after a password only where its owner wished that when adding it, or has an
 * authenticator app. Who may ask is decided above (sign-in/passkey-routes.ts).
 */
export interface PasskeysDeps extends PasskeyProofsDeps {
  readonly kv: KeyValue;
  readonly factorSwitch: FactorSwitch;
  /** As the device's dialogue shows it. */
  readonly siteNameIn: (language: Language) => string;
}

const { most: mostPasskeys } = limits.passkeys;

/** One of an account's. */
export type Passkey = PasskeyRow;

export interface OwnPasskeys {
  readonly passkeys: readonly Passkey[];
  /** What devices call the account; null before the first. */
  readonly handle: string | null;
}

export interface Addition {
  readonly shown: Shown;
  /** Empty: what the device is called. */
  readonly name: string;
  /** Whether other ways in ask for it, too. */
  readonly asSecondFactor: boolean;
  /** The log-in that waits for the account to have its first one. */
  readonly step?: string;
}

export type Passkeys = ReturnType<typeof createPasskeys>;

export function createPasskeys(deps: PasskeysDeps) {
  const { db, clock } = deps;
  const { notice, lockOwner, switchOn, switchOffUnlessLeft } = deps.factorSwitch;
  const challenges = createPasskeyChallenges(deps);
  const { address, orTold, ...proofs } = createPasskeyProofs({ ...deps, challenges });

  /** Whose account it is to be on, and whether that asked for a second factor when its caller was looked at. */
  async function registration({ id: userId }: FactorOwner, step: string | undefined) {
    // Apart: what a log-in waits for as its account's first adds none to a session, whose owner has to prove themselves for it.
    if (step !== undefined) return { purpose: "enrol", userId, step, factorSince: null } as const;
    const factorSince = (await deps.users.byId(userId))?.second_factor_at ?? null;
    return { purpose: "register", userId, factorSince } as const;
  }

  return {
    ...proofs,

    async of(userId: number): Promise<OwnPasskeys> {
      return { passkeys: await passkeysOf(db, userId), handle: await knownHandle(db, userId) };
    },

    /** What the browser is to make one by; `step`: as in `Addition`. Errors: `passkeys_unavailable`, `passkeys_full`. */
    async beginAdding(
      owner: FactorOwner,
      asker: Asker,
      language: Language,
      step?: string,
    ): Promise<RegistrationOptions> {
      const at = address();
      const present = await passkeysOf(db, owner.id);
      if (present.length >= mostPasskeys) throw full();
      const registrant = {
        ...{ siteName: deps.siteNameIn(language), username: owner.username, present },
        handle: await handleOf(db, owner.id, randomToken(32)),
      };
      const challenge = await challenges.issue(await registration(owner, step), asker);
      return registrationOptions(at, registrant, challenge);
    },

    /**
     * Keeps what the device made. Returns it, and recovery codes where these are the account's first. Errors:
     * `passkey_challenge_ended`, `passkey_refused`, `passkey_there`, `passkeys_full`, `passkeys_unavailable`, `token_expired`;
     * with a step `second_factor_there` where the account has a second factor or a passkey by now.
     */
    async add(
      owner: FactorOwner,
      { shown, name, asSecondFactor, step }: Addition,
      asker: Asker,
      language: Language,
    ): Promise<{ readonly passkey: Passkey; readonly recoveryCodes: readonly string[] }> {
      const at = address();
      const ceremony = await registration(owner, step);
      const made = await orTold(asker, async () => {
        const challenge = challengeIn(shown);
        await challenges.take(challenge, ceremony, asker);
        return registered(at, shown, challenge);
      });
      const named = name || (makerOf(made.aaguid) ?? (await browserName(asker.userAgent))) || "Passkey";
      const passkey: Passkey = {
        ...{ ...made, id: randomToken(), user_id: owner.id, name: named.slice(0, 64) },
        ...{ created_at: clock.now(), last_used_at: null },
      };
      const recoveryCodes = await db.transaction(async (transaction) => {
        const user = await lockOwner(transaction, owner);
        const present = await passkeysOf(transaction, user.id);
        // A step that waits for the first one adds none beside it (guard: passkey-enrolment.test.ts).
        const isTooLate = user.second_factor_at !== null || present.length > 0;
        if (step !== undefined && isTooLate) throw new AppError("second_factor_there");
        if (user.second_factor_at !== ceremony.factorSince) throw new AppError("passkey_challenge_ended");
        if (present.length >= mostPasskeys) throw full();
        if (!(await insertPasskey(transaction, passkey))) throw new AppError("passkey_there");
        await forgetRememberedDevices(transaction, user.id);
        await notice(transaction, user.id, "passkey_added", language, passkey.created_at);
        return asSecondFactor ? switchOn(transaction, user, language) : [];
      });
      return { passkey, recoveryCodes };
    },

    /** Error: `not_found`. */
    async rename({ id: userId }: { readonly id: number }, id: string, name: string): Promise<void> {
      if (!(await renamePasskey(db, userId, id, name))) throw new AppError("not_found");
    },

    /**
     * Removes one. `isProved`: that the owner showed a second factor for this very removal, which takes away the last.
     * Errors: `not_found`, `reauthentication_required`, `token_expired`.
     */
    async remove(owner: FactorOwner, id: string, isProved: boolean, language: Language): Promise<void> {
      await db.transaction(async (transaction) => {
        const user = await lockOwner(transaction, owner);
        if (!(await deletePasskey(transaction, user.id, id))) throw new AppError("not_found");
        await forgetRememberedDevices(transaction, user.id);
        await notice(transaction, user.id, "passkey_removed", language);
        if (await hasPasskey(transaction, user.id)) return;
        await switchOffUnlessLeft(transaction, user, isProved, language);
      });
    },

    /** Loads what a log-in by a passkey needs, where anybody has one. */
    async load(): Promise<void> {
      if (typeof deps.passkeyAddress !== "string" && (await anyPasskey(db))) await loadCeremonies();
    },
  };
}

const full = () => new AppError("passkeys_full", { parameters: { most: mostPasskeys } });
