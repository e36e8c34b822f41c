import { type KeyValue, key, type Operation, type Outcome } from "../engines/kv/kv.ts";
import { isForOperator, type SmsRefusal } from "../engines/sms/sms.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { limits } from "../kernel/limits.ts";
import { type CodeKeys, createCodeKeys } from "./code-keys.ts";
import { goesToAnybody, type SmsPurpose, smsPurposes } from "./sms-purposes.ts";

/**
 * What a vendor refused, for whoever asks next: an answer that is true, in place of one that nothing follows. What is wrong
 * with a number is told of that number for ten minutes; what only the operator can put right, of the country's SMS (of the
 * purpose, where it is its template or words) until one goes out again: of all who ask one a minute is let through to try,
 * and five minutes after the last refusal everybody is. Promise: no answer tells a number that has an account from another
 * one: what was found out by a message that only goes to accounts is told to the account's known devices alone (attack:
 * learning who has an account from refusals; guard: sms-refusals.test.ts).
 */
export interface SmsRefusals {
  /** Reads what `expectNone` wants to know of the number, as a part of a batch. */
  reading(number: Pick<CodeKeys, "refusal">): Operation;
  /** Errors: `sms_number_refused`, `sms_too_frequent`, with the seconds until the number is tried again. */
  expectNone(seen: string | null, asker: { readonly isKnown: boolean }): void;
  /** The same of the site. */
  readingSite(about: Message): Operation;
  /**
   * Takes the minute's try where the vendor refuses everything; returns whether it is one. Error: `sms_unavailable`, with the
   * seconds until the next one.
   */
  takeTry(seen: Outcome, about: Message): Promise<boolean>;
  giveBackTry(about: Message): Promise<void>;
  note(refusal: SmsRefusal, about: RefusedSms): Promise<void>;
  /** The vendor took one that was a try. */
  over(about: Message): Promise<void>;
}

interface Message {
  readonly mobile: string;
  readonly purpose: SmsPurpose;
}

export interface RefusedSms extends Message {
  /** Whether a device asked that knows the number's account, so that the refused share was its own. */
  readonly isKnown: boolean;
}

export interface SmsRefusalsDeps {
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly secretKey: string;
  /** ISO 3166-1, two letters. */
  readonly countryOf: (mobile: string) => string;
  /** Whether a code to log in with goes to whoever asks, and not to numbers of accounts alone. */
  readonly signInMakesAccounts: boolean;
}

const numberSeconds = 600;
const siteSeconds = 300;
const { most: triesAMinute, windowSeconds: trySeconds } = limits["sms-trial"];

export function createSmsRefusals(deps: SmsRefusalsDeps): SmsRefusals {
  const { kv, clock, countryOf } = deps;
  const keysOf = createCodeKeys(deps.secretKey);
  const numberKey = (mobile: string) => keysOf(mobile, "changeMobile").refusal;
  const siteKey = (mobile: string, purpose: SmsPurpose) =>
    key("smsRefusal", "everybody", countryOf(mobile), purpose);
  const tryKey = ({ mobile, purpose }: Message) => `${siteKey(mobile, purpose)}:try`;

  /** `strangers`, `known`: who is told of it. */
  async function noteNumber(refusal: SmsRefusal, { mobile, purpose, isKnown }: RefusedSms): Promise<void> {
    const isForStrangers = goesToAnybody(purpose, deps);
    // A share that strangers used up is not the known device's.
    const isForKnown = refusal === "number" || isKnown;
    const told = [...(isForStrangers ? ["strangers"] : []), ...(isForKnown ? ["known"] : [])];
    if (told.length === 0) return;
    const until = clock.now() + numberSeconds * 1000;
    await kv.set(numberKey(mobile), [refusal, until, ...told].join(" "), numberSeconds);
  }

  return {
    reading: ({ refusal }) => ({ verb: "get", key: refusal }),
    expectNone(seen, { isKnown }) {
      const [refusal, until, ...told] = seen?.split(" ") ?? [];
      if (refusal === undefined || !told.includes(isKnown ? "known" : "strangers")) return;
      const left = Number(until) - clock.now();
      // Not for longer, also where a clock was set back.
      if (left <= 0 || left > numberSeconds * 1000) return;
      const code = refusal === "number" ? "sms_number_refused" : "sms_too_frequent";
      throw new AppError(code, { retryAfterSeconds: Math.ceil(left / 1000) });
    },
    readingSite: ({ mobile, purpose }) => ({ verb: "get", key: siteKey(mobile, purpose) }),
    async takeTry({ value }, about) {
      if (value === null) return false;
      const tried = await kv.increment(tryKey(about), { limit: triesAMinute, ttlSeconds: trySeconds });
      if (!tried.refused) return true;
      const { retryAfterSeconds } = tried;
      throw new AppError("sms_unavailable", { retryAfterSeconds, answer: { code: "sms_unavailable" } });
    },
    giveBackTry: (about) => kv.delete(tryKey(about)),
    async note(refusal, about) {
      if (!isForOperator(refusal)) return noteNumber(refusal, about);
      const isOfPurpose = refusal === "template" || refusal === "content";
      const purposes = isOfPurpose ? [about.purpose] : smsPurposes;
      // The try's minute as well: who asks next need not be a second one at once.
      await kv.batch(
        purposes.flatMap((purpose): Operation[] => {
          const site = siteKey(about.mobile, purpose);
          return [
            { verb: "set", key: site, value: refusal, ttlSeconds: siteSeconds },
            { verb: "set", key: `${site}:try`, value: String(triesAMinute), ttlSeconds: trySeconds },
          ];
        }),
      );
    },
    async over({ mobile }) {
      await kv.batch(
        smsPurposes.flatMap((purpose) => {
          const site = siteKey(mobile, purpose);
          return [site, `${site}:try`].map((key): Operation => ({ verb: "delete", key }));
        }),
      );
    },
  };
}
