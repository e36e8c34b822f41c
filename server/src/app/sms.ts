import { numberLeaveSms } from "../accounts/number-leave-sms.ts";
import type { Users } from "../accounts/users.ts";
import { impersonationSms } from "../admin/impersonation-sms-job.ts";
import { nameIn } from "../brand/brand.ts";
import type { CaptchaGate } from "../captcha/captcha-gate.ts";
import { createSmsCodeOf } from "../codes/code.ts";
import { deviceOfAccount } from "../codes/code-client.ts";
import { createSmsBudget, type SmsBudget } from "../codes/sms-budget.ts";
import { createSmsChannel, type SmsRules, smsRules } from "../codes/sms-channel.ts";
import { createSmsConversion, type SmsConversion } from "../codes/sms-conversion.ts";
import type { SmsNumbers } from "../codes/sms-countries.ts";
import { smsCode } from "../codes/sms-jobs.ts";
import { createSmsOutcomes, type SmsOutcomes } from "../codes/sms-outcomes.ts";
import { goesToAnybody } from "../codes/sms-purposes.ts";
import { createSmsRefusals, type SmsRefusals } from "../codes/sms-refusals.ts";
import { createSmsSums, type SmsSums } from "../codes/sms-sums.ts";
import { createSmsTrial, type SmsTemplate, type SmsTrial } from "../codes/sms-trial.ts";
import { createVerifications, type Verifications } from "../codes/verification.ts";
import { withWebOtp } from "../codes/web-otp.ts";
import type { Config } from "../config/config.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Db } from "../engines/database/database.ts";
import type { JobDefinition, Jobs } from "../engines/jobs/jobs.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import type { MailRecord } from "../engines/mail/mail-record.ts";
import { outgoingHttp } from "../engines/outgoing-http.ts";
import { createMailboxSms } from "../engines/sms/mailbox-sms.ts";
import { recordSms } from "../engines/sms/recorded-sms.ts";
import type { SmsSender } from "../engines/sms/sms.ts";
import { sendsNotice } from "../engines/sms/sms-templates.ts";
import { parseSmsUrl } from "../engines/sms/sms-url.ts";
import { fillText } from "../errors/fill-text.ts";
import { joinedSms } from "../joining/joined-sms-job.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import { deletionSms } from "../rights/deletion-sms-job.ts";
import { type TellErased, tellErased } from "../rights/erased-sms.ts";
import type { Language } from "../words/language.ts";
import { type SmsNotice, smsNotices } from "../words/sms-texts.ts";

export interface SmsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly mails: MailRecord;
  readonly secretKeys: SecretKeys;
  readonly users: Users;
  /** The embedding program's own. */
  readonly own: SmsSender | undefined;
  readonly metrics: Pick<Metrics, "sms" | "smsCode"> | null;
  readonly numbers: Pick<SmsNumbers, "countryOf" | "problem">;
  readonly kv: KeyValue;
}

export interface SmsCodeParts {
  readonly jobs: Jobs;
  readonly devices: KnownDevices;
  readonly captchaGate: CaptchaGate;
}

export interface Sms {
  readonly definitions: readonly JobDefinition[];
  /** Codes by SMS; null where the site sends none. */
  codes(parts: SmsCodeParts): Verifications | null;
  /** To look at and to try; null where the site sends none. */
  readonly trial: SmsTrial | null;
  /** The last word to a proved number of an account that is erased; null where none can be told. Rejects with what passes. */
  readonly tellErased: TellErased | null;
  /** Of an SMS that the vendor took, as it reports later. Never rejects. */
  readonly undelivered: SmsOutcomes["undelivered"];
  close(): Promise<void>;
}

/** Whether codes go out by SMS here, for the site's pages. */
export const sendsSms = (config: Config, own?: SmsSender): boolean =>
  own !== undefined ||
  config.smsUrl !== null ||
  (config.environment === "development" && config.mailUrl === null);

/** Whether a number can be told something that is no code. */
export function tellsNumbers(config: Config, notice: SmsNotice, own?: SmsSender): boolean {
  if (!sendsSms(config, own)) return false;
  return config.smsUrl === null || sendsNotice(parseSmsUrl(config.smsUrl), config.smsTemplates, notice);
}

/** How SMS go out, by what jobs, and the codes in them. */
export async function openSms(config: Config, deps: SmsDeps): Promise<Sms> {
  if (!sendsSms(config, deps.own)) {
    deps.log.info("there is no SMS_URL, so codes by SMS are off (docs/sms.md)");
    return {
      definitions: [],
      codes: () => null,
      trial: null,
      tellErased: null,
      undelivered: async () => {},
      close: async () => {},
    };
  }
  const { clock, log, secretKeys, metrics, kv } = deps;
  const sending = deps.own ?? (await configuredSms(config, deps));
  const watched = metrics?.sms(sending) ?? sending;
  const sender = recordSms(watched, { record: deps.mails, log, clock });
  const counters = createCounters(config, deps);
  const signInMakesAccounts = makesAccounts(config);
  const codeOf = createSmsCodeOf(secretKeys);
  const { brand, words } = config;
  // Others send what they approved word for word, and nothing behind it.
  const by = config.smsUrl === null ? null : parseSmsUrl(config.smsUrl).by;
  const takesFreeText = by === "twilio" || by === "hook";
  const sayPlainly = (
    template: SmsTemplate,
    language: Language,
    values: Readonly<Record<string, string | number>>,
  ) =>
    fillText(words.text(`sms.${template}`, language), {
      ...{ brand: nameIn(brand.name, language), brandShort: nameIn(brand.short, language) },
      ...values,
    });
  const sayCode = (
    purpose: SmsTemplate,
    language: Language,
    values: { readonly code: string; readonly minutes: number },
  ) => {
    const text = sayPlainly(purpose, language, { ...values });
    return takesFreeText && !smsNotices.includes(purpose)
      ? withWebOtp(text, config.publicSiteUrl, values.code)
      : text;
  };
  const outcomes = createSmsOutcomes({
    ...{ ...config, ...counters, kv, clock, log, signInMakesAccounts, countryOf: deps.numbers.countryOf },
    onSent: metrics ? (country, purpose) => metrics.smsCode(country, purpose, "sent") : undefined,
  });
  const job = smsCode({
    ...{ codeOf, sender, clock, outcomes, codeLifeSeconds: config.smsCodeLifeSeconds },
    isOfUse: async (purpose, mobile) =>
      goesToAnybody(purpose, { signInMakesAccounts }) || (await deps.users.byProvedMobile(mobile)) !== null,
    say: sayCode,
  });
  const notices = {
    sender,
    // Whoever asked may not be the owner, so their language says nothing of the owner's.
    say: (notice: SmsNotice, days: number) => sayPlainly(notice, words.silent, { days }),
  };
  return {
    definitions: [
      ...[job, numberLeaveSms({ ...deps, ...notices }), deletionSms({ ...deps, ...notices })],
      ...[joinedSms(notices), impersonationSms(notices)],
    ],
    trial: createSmsTrial({
      ...config,
      say: sayCode,
      sender,
      numbers: deps.numbers,
      codeLifeSeconds: config.smsCodeLifeSeconds,
    }),
    tellErased: tellsNumbers(config, "accountDeleted", deps.own) ? tellErased(notices) : null,
    undelivered: outcomes.undelivered,
    codes: (parts) => smsCodesOf(config, { ...deps, ...parts, ...counters, codeOf }),
    close: () => sender.close(),
  };
}

async function configuredSms(config: Config, { db, clock }: SmsDeps): Promise<SmsSender> {
  if (config.smsUrl === null) return createMailboxSms({ db, clock });
  const { openVendorSms } = await import("../engines/sms/open-sms.ts");
  return openVendorSms({
    ...{ ...config, url: config.smsUrl },
    ...{ http: outgoingHttp(config.outgoingProxy), clock },
  });
}

interface Counters {
  readonly rules: SmsRules;
  readonly budget: SmsBudget;
  readonly sums: SmsSums;
  readonly refusals: SmsRefusals;
  readonly conversion: SmsConversion;
}

/** Whether a code to log in with may make an account of a number that none has. */
const makesAccounts = ({ signUpMode, signUpBy }: Config): boolean =>
  signUpMode !== "closed" && signUpBy.includes("mobile");

/** What requests count and the worker gives back. */
function createCounters(config: Config, deps: SmsDeps): Counters {
  const {
    kv,
    clock,
    log,
    numbers: { countryOf },
  } = deps;
  const secretKey = deps.secretKeys[0];
  const signInMakesAccounts = makesAccounts(config);
  return {
    rules: smsRules(config),
    budget: createSmsBudget({ ...config, kv, log }),
    sums: createSmsSums({ ...config, kv, clock, log, secretKey }),
    refusals: createSmsRefusals({ kv, clock, secretKey, countryOf, signInMakesAccounts }),
    conversion: createSmsConversion({ ...config, kv, clock, log, countryOf }),
  };
}

function smsCodesOf(
  config: Config,
  deps: SmsDeps & SmsCodeParts & Counters & { readonly codeOf: ReturnType<typeof createSmsCodeOf> },
): Verifications {
  const { kv, clock, log, metrics, users, devices, secretKeys } = deps;
  const { smsCodeLifeSeconds, smsCodesPerHour, smsCodesPerDay, sendIntervalSeconds, wrongCodeAlarm } = config;
  const channel = createSmsChannel({
    ...{ ...config, ...deps, secretKey: secretKeys[0], countryOf: deps.numbers.countryOf },
    onProved: metrics ? (country, purpose) => metrics.smsCode(country, purpose, "proved") : undefined,
  });
  return createVerifications({
    ...{ db: deps.db, kv, clock, log, secretKeys, channel, codeOf: deps.codeOf },
    ...{ codeLifeSeconds: smsCodeLifeSeconds, sendIntervalSeconds, wrongCodeAlarm },
    widerNetworkFactor: config.widerNetworkFactor,
    ...{ codesPerHour: smsCodesPerHour, codesPerDay: smsCodesPerDay },
    deviceOf: async (mobile, asker) => deviceOfAccount(devices, await users.byProvedMobile(mobile), asker),
  });
}
