import type { KeyValue } from "../engines/kv/kv.ts";
import { createRateLimit, type RateLimitRule } from "../engines/kv/rate-limit.ts";
import type { CodeClient } from "./code-client.ts";
import type { SmsBudget } from "./sms-budget.ts";
import type { SmsConversion } from "./sms-conversion.ts";

/**
 * When an SMS is worth a captcha: a network that asked for several, a site that sent half of what strangers get, a country
 * whose codes don't come back. It only reads; what may be sent at most is counted elsewhere. Known devices are not looked at.
 */
export interface SmsRiskDeps {
  readonly kv: KeyValue;
  readonly budget: Pick<SmsBudget, "isTight">;
  readonly conversion: Pick<SmsConversion, "isPoor">;
  /** Of one network within an hour; 0 = never for that. */
  readonly captchaAfterSms: number;
}

export function createSmsRisk({ kv, budget, conversion, captchaAfterSms }: SmsRiskDeps) {
  const limit = createRateLimit(kv);

  /** The same is asked of the store whoever has the number, so that no answer's time tells. */
  return async ({ network }: Pick<CodeClient, "network">, mobile: string, perHour: RateLimitRule) => {
    const isCounted = captchaAfterSms > 0 && perHour.limit > 0;
    const [isTight, isPoor, ofNetwork] = await Promise.all([
      budget.isTight(),
      conversion.isPoor(mobile),
      isCounted ? limit.counted(perHour, network) : 0,
    ]);
    return isTight || isPoor || (isCounted && ofNetwork >= captchaAfterSms);
  };
}
