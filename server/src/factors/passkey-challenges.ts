import type { Asker } from "../devices/asker.ts";
import { type KeyValue, key } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import { secretDigest } from "../kernel/digest.ts";
import { randomToken } from "../kernel/ids.ts";
import { ceremonyMillis } from "./passkey-ceremony.ts";

/**
 * What devices are asked to sign. Promises: 256 random bits that live five minutes, for one purpose, one account where there is
 * one, and the browser and system that asked; one to add a passkey is over once a second factor was switched on or off (attack: begun
 * while none was asked for, and finished past the owner's; guard: overtaken-factor.test.ts); of any number of callers that show one exactly one goes on, whether or not the
 * rest is right (attack: an answer that was read elsewhere is shown again; guard: passkeys.race.test.ts).
 */
export type PasskeyPurpose = "register" | "enrol" | "log-in" | "second-step" | "proof";

/** Whose; 0 where that turns out only by the passkey. */
interface Ceremony {
  readonly purpose: PasskeyPurpose;
  readonly userId: number;
  /** Since when the account had a second factor, where that decided what was proved to begin it. */
  readonly factorSince?: number | null;
  /** The log-in that waits for it (sign-in/pending-step.ts): then it is good at that one alone. */
  readonly step?: string | undefined;
}

export type PasskeyChallenges = ReturnType<typeof createPasskeyChallenges>;

export function createPasskeyChallenges({ kv }: { readonly kv: KeyValue }) {
  const keyOf = (challenge: string) => key("once", challenge, "passkey");
  const factsOf = ({ purpose, userId, factorSince = null, step }: Ceremony, { programKey }: Asker) =>
    [
      ...[purpose, userId, programKey, ...(factorSince === null ? [] : [factorSince])],
      ...(step === undefined ? [] : [secretDigest(step)]),
    ].join(" ");

  return {
    async issue(ceremony: Ceremony, asker: Asker): Promise<string> {
      const challenge = randomToken(32);
      await kv.set(keyOf(challenge), factsOf(ceremony, asker), ceremonyMillis / 1000);
      return challenge;
    },

    /** Uses it up. Error: `passkey_challenge_ended` for one that is over, or was issued for something else. */
    async take(challenge: string, ceremony: Ceremony, asker: Asker): Promise<void> {
      // Whatever a stranger sends is no key of the store.
      const isOurs = /^[\w-]{43}$/.test(challenge);
      const facts = isOurs ? await kv.take(keyOf(challenge)) : null;
      if (facts !== factsOf(ceremony, asker)) throw new AppError("passkey_challenge_ended");
    },
  };
}
