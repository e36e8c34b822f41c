import type { KeyValue } from "../engines/kv/kv.ts";
import { widerRules } from "../engines/kv/network-limit.ts";
import { createRateLimit, type RateLimitRule } from "../engines/kv/rate-limit.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import type { SmsRefusal } from "../engines/sms/sms.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { SmsBudget } from "./sms-budget.ts";
import type { SmsRules } from "./sms-channel.ts";
import type { SmsConversion } from "./sms-conversion.ts";
import type { SentSms, SmsCodeDeps } from "./sms-jobs.ts";
import { goesToAnybody, smsPurposes } from "./sms-purposes.ts";
import type { SmsRefusals } from "./sms-refusals.ts";
import type { SmsSums } from "./sms-sums.ts";

/**
 * What comes of an SMS in the worker. One that the vendor took is sent: for the metric, the conversion and the documents. One
 * that it refused costs nothing and is given back to all that counted it, and who asks next is told (sms-refusals.ts); of a number
 * that it refuses the network and the account stay counted (attack: asking for number after number that is none, which no limit
 * would end; guard: sms-refused-numbers.test.ts); one that was of no use is given back to the budget alone. One that the vendor took and
 * the carrier did not deliver was paid for and stays counted; who asks for the number's next one is told, as of one that was
 * refused. Promise: neither changes what a stranger sees of a number by whether it has an account: of purposes whose messages only
 * go to accounts the number's and the network's counts stay (guard: sms-refusals.test.ts).
 */
export interface SmsOutcomesDeps {
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  readonly budget: Pick<SmsBudget, "giveBack">;
  readonly sums: Pick<SmsSums, "giveBack">;
  readonly refusals: Pick<SmsRefusals, "note" | "over">;
  readonly conversion: Pick<SmsConversion, "sent">;
  readonly rules: Pick<SmsRules, "perNetwork" | "perAccount">;
  readonly widerNetworkFactor: number;
  readonly signInMakesAccounts: boolean;
  /** ISO 3166-1, two letters. */
  readonly countryOf: (mobile: string) => string;
  /** For metrics. */
  readonly onSent?: ((country: string, purpose: string) => void) | undefined;
}

export type SmsOutcomes = SmsCodeDeps["outcomes"] & {
  /** By a later report. Never rejects. */
  readonly undelivered: (sms: {
    readonly to: string;
    readonly kind: string;
    readonly queuedAt: number;
  }) => Promise<void>;
};

/** A later report is of a phone that was off, and no news to who asks then. */
const newsMillis = 600_000;

export function createSmsOutcomes(deps: SmsOutcomesDeps): SmsOutcomes {
  const { budget, refusals } = deps;
  const limit = createRateLimit(deps.kv);
  const { perNetwork, perAccount } = deps.rules;

  const stays = (what: string) => (error: unknown) =>
    deps.log.warn({ err: error }, `the store did not answer: ${what} stays as it was counted`);

  async function giveBackCounts(sms: SentSms, refusal: SmsRefusal): Promise<void> {
    const { mobile, at, countedBy = {} } = sms;
    const { network, wider, account } = countedBy;
    const counted: [readonly RateLimitRule[], string | undefined][] = [
      [perNetwork, network],
      [widerRules(perNetwork, deps.widerNetworkFactor), wider],
      [[perAccount], account],
    ];
    if (at !== undefined) await deps.sums.giveBack(mobile, at);
    // Who asked chose the number.
    if (refusal === "number") return;
    for (const [rules, subject] of counted)
      if (subject !== undefined) await limit.giveBackAll(rules, subject);
  }

  return {
    notSent: () => budget.giveBack(),
    async refused(sms, refusal) {
      await budget.giveBack();
      const isKnown = sms.isKnown ?? false;
      await refusals.note(refusal, { ...sms, isKnown }).catch(stays("a refusal that nobody is told of"));
      if (!isKnown && !goesToAnybody(sms.purpose, deps)) return;
      await giveBackCounts(sms, refusal).catch(stays("an SMS that the vendor refused"));
    },
    async undelivered({ to: mobile, kind, queuedAt }) {
      const purpose = smsPurposes.find((one) => smsKind(one) === kind);
      if (purpose === undefined || deps.clock.now() - queuedAt > newsMillis) return;
      // Whether a known device asked stands nowhere any more.
      await refusals
        .note("number", { mobile, purpose, isKnown: false })
        .catch(stays("an SMS that did not arrive, and nobody is told of,"));
    },
    async taken(sms) {
      deps.onSent?.(deps.countryOf(sms.mobile), sms.purpose);
      await deps.conversion.sent(sms.mobile);
      // It went out: whatever fails here must not send it again.
      if (sms.isTry) await refusals.over(sms).catch(stays("a refusal of the vendor that is over"));
    },
  };
}
