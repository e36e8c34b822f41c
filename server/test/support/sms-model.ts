import { createCaptchaGate } from "../../src/captcha/captcha-gate.ts";
import type { CodeClient } from "../../src/codes/code-client.ts";
import { createCodeKeys } from "../../src/codes/code-keys.ts";
import { createCodeRequests } from "../../src/codes/code-request.ts";
import { createSmsBudget } from "../../src/codes/sms-budget.ts";
import { createSmsChannel, smsRules } from "../../src/codes/sms-channel.ts";
import { createSmsConversion } from "../../src/codes/sms-conversion.ts";
import type { SentSms } from "../../src/codes/sms-jobs.ts";
import { createSmsRefusals } from "../../src/codes/sms-refusals.ts";
import { createSmsSums } from "../../src/codes/sms-sums.ts";
import type { Asker } from "../../src/devices/asker.ts";
import { mapKv } from "./map-kv.ts";
import { testSecretKey } from "./test-secret-key.ts";

/**
 * Everything that decides over a code by SMS, as the product has it, for models of days: the store is a map, the clock is
 * moved, who asks is made up, and what is put into the queue is handed over.
 */
export interface ModelAsker {
  readonly network: string;
  readonly mobile: string;
  /** Whether an account has the number, and the asker's device knows it. */
  readonly isProved?: boolean;
  readonly isKnown?: boolean;
  /** Pays for a captcha, or solves it. */
  readonly answers?: boolean;
  readonly purpose?: "register" | "signIn" | "resetpwd";
}

const settings = {
  ...{ smsRequestLimit: 10, smsRequestLimitPerDay: 50, smsRequestLimitPerAccount: 20, codeTryLimit: 300 },
  ...{ smsPerHour: 300, smsPerDay: 2000, smsCodesPerHour: 5, smsCodesPerDay: 10, smsCodeLifeSeconds: 300 },
  ...{ captchaAfterSms: 3, smsConversionFloor: 20 },
};

export function smsModel(over: Partial<typeof settings> = {}) {
  const values = { ...settings, ...over };
  let now = 1_800_000_000_000;
  const clock = { now: () => now };
  const kv = mapKv(clock.now);
  const alarms = new Set<string>();
  const log = { warn: ({ alarm }: { alarm: string }) => void alarms.add(alarm), debug() {} } as never;
  const countryOf = () => "CN";
  const secretKey = testSecretKey;
  const conversion = createSmsConversion({ ...values, kv, clock, log, countryOf });
  let last: { readonly sms: SentSms; readonly delaySeconds: number } | undefined;
  const channel = createSmsChannel({
    ...{ ...values, kv, clock, log, secretKey, countryOf, conversion, rules: smsRules(values) },
    jobs: {
      enqueue: async (_kind: unknown, sms: SentSms, { delaySeconds }: { delaySeconds: number }) => {
        last = { sms, delaySeconds };
      },
    } as never,
    budget: createSmsBudget({ ...values, kv, log }),
    sums: createSmsSums({ ...values, kv, clock, log, secretKey }),
    refusals: createSmsRefusals({ kv, clock, secretKey, countryOf, signInMakesAccounts: true }),
    captchaGate: createCaptchaGate({ captcha: null, kv, log }),
  });
  let asking: ModelAsker | undefined;
  const client = (): CodeClient => {
    const { network, isKnown = false, isProved = false } = asking!;
    const id = isKnown ? `d-${network}` : `n-${network}`;
    return { id, idsBefore: [], isKnown, hasAccount: isProved || isKnown, network, wider: null };
  };
  const request = createCodeRequests({
    ...{
      kv,
      clock,
      log,
      channel,
      db: { first: async () => null } as never,
      secretKeys: [secretKey],
      keysBefore: [],
    },
    ...{ keysOf: createCodeKeys(secretKey), clientOf: async () => client() },
    ...{ codeLifeSeconds: values.smsCodeLifeSeconds, sendIntervalSeconds: 60, widerNetworkFactor: 10 },
    ...{ codesPerHour: 5, codesPerDay: 10, wrongCodeAlarm: 300 },
    ...{ codeOf: undefined as never, deviceOf: undefined as never },
  });
  return {
    now: () => now,
    advance: (seconds: number) => {
      now += seconds * 1000;
    },
    alarms,
    channel,
    conversion,
    /** What is sent, and how much later; or the code of the refusal. */
    async ask(asker: ModelAsker): Promise<{ readonly sms: SentSms; readonly delaySeconds: number } | string> {
      asking = asker;
      last = undefined;
      const { mobile: to, purpose = "signIn", answers = false } = asker;
      try {
        const captcha = answers ? { captcha: "answered" as const } : {};
        await request({ to, purpose, language: "zh-CN", asker: {} as Asker, ...captcha });
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
      return last!;
    },
  };
}
