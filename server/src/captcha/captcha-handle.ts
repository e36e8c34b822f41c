import { type Clock, epochSeconds } from "../kernel/clock.ts";
import { constantTimeEqual } from "../kernel/constant-time.ts";
import { randomToken } from "../kernel/ids.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";
import { type Captcha, type CaptchaSubject, captchaLifeSeconds } from "./captcha.ts";

/**
 * Vendors' tokens name nothing that they are for. So who is asked gets a handle, which names purpose, address and end under a
 * derived key and has to come back with the token; it is used up with it (captcha-gate.ts). Prevents: tokens kept in stock for
 * longer than a handle lives, tokens of another form with the same site key by themselves, one handle for two messages. Does not
 * prevent: whoever was asked about two numbers chooses which of them a token is shown for; each token still pays for one message.
 * Turnstile passes on what the page gives it (cData): there the token itself is bound. Guards: captcha.test.ts, captcha-handle.race.test.ts.
 */
export interface HandleDeps {
  readonly secretKeys: SecretKeys;
  readonly clock: Clock;
}

export function withHandles(captcha: Captcha, { secretKeys, clock }: HandleDeps): Captcha {
  const keys = deriveKeys(secretKeys, "captcha");
  const seal = (key: Buffer, { purpose, address }: CaptchaSubject, begin: string) =>
    hmac(key, "handle", captcha.kind, purpose, address, begin).toString("base64url").slice(0, 22);

  /** The seal of a handle that is ours, for this, and not over; null for every other. */
  function sealOf(handle: string | null, about: CaptchaSubject): string | null {
    // Whole, or what is used up would not be what was shown.
    const [, until, nonce, given] = /^(\d{1,12})\.([\w-]{1,30})\.([\w-]{22})$/.exec(handle ?? "") ?? [];
    if (given === undefined || Number(until) <= epochSeconds(clock)) return null;
    const isOurs = keys.some((key) => constantTimeEqual(given, seal(key, about, `${until}.${nonce}`)));
    return isOurs ? given : null;
  }

  return {
    kind: captcha.kind,
    passesOn: captcha.passesOn,
    ...(captcha.idOf && { idOf: captcha.idOf }),
    async ask(about) {
      const begin = `${epochSeconds(clock) + captchaLifeSeconds}.${randomToken(9)}`;
      const bound = seal(keys[0]!, about, begin);
      const task = await captcha.ask(about);
      return { ...task, handle: `${begin}.${bound}`, ...(captcha.passesOn && { bound }) };
    },
    async verify(answer) {
      const bound = sealOf(answer.handle, answer);
      return bound === null ? "refused" : captcha.verify({ ...answer, bound });
    },
    ...(captcha.tryKeys && { tryKeys: captcha.tryKeys }),
    close: () => captcha.close(),
  };
}
