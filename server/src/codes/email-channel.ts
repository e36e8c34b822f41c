import type { CaptchaGate } from "../captcha/captcha-gate.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { Clock } from "../kernel/clock.ts";
import { limitRule } from "../kernel/limits.ts";
import { type CodeChannel, freeRules, lifeSecondsOf } from "./channel.ts";
import type { CodesSettings } from "./settings.ts";
import { type EmailPurpose, verificationMailJob } from "./verification-jobs.ts";

export interface EmailChannelDeps extends Pick<CodesSettings, "codeRequestLimit" | "codeTryLimit"> {
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly captchaGate: CaptchaGate;
  /** Of one network within an hour, before a captcha; 0 = never. */
  readonly captchaAfterEmails: number;
}

/**
 * Codes by e-mail. The flag of a minute is each client's own, of all purposes: nobody's request holds up another's. A network
 * that asked for many is asked for a captcha, for codes to log in with alone: what the two contracts' pages ask for never is.
 * Where its vendor is away, log-in stays open, at the pace of who can't answer (guard: captcha-unavailable.test.ts).
 */
export function createEmailChannel({
  jobs,
  clock,
  codeRequestLimit,
  codeTryLimit,
  captchaAfterEmails,
  captchaGate,
}: EmailChannelDeps): CodeChannel {
  const perHour = limitRule("codes", codeRequestLimit);
  const free = freeRules([perHour], perHour, captchaAfterEmails);
  return {
    async send(code, transaction) {
      const { codeId, to: email, language, askedBy } = code;
      const purpose = code.purpose as EmailPurpose;
      const payload = {
        ...{ codeId, email, purpose, language, lifeSeconds: lifeSecondsOf(code) },
        ...(askedBy === undefined ? {} : { askedBy }),
      };
      const options = { deadlineAt: clock.now() + code.lifeMillis };
      if (transaction === undefined) await jobs.enqueue(verificationMailJob, payload, options);
      else await jobs.enqueueWith(transaction, verificationMailJob, payload, options);
    },
    flagOf: ({ id }) => id,
    captcha: {
      free: (purpose) => (purpose === "signIn" ? free : null),
      expect: ({ to: address, purpose, client, captcha }) =>
        captchaGate.expect({ purpose, address }, captcha, {
          ...{ subject: client.network, whenUnavailable: "pass" },
        }),
    },
    perNetwork: [perHour],
    triesPerNetwork: limitRule("code-tries", codeTryLimit),
    errors: { tooFrequent: "code_too_frequent", wrong: "code_wrong", expired: "code_expired" },
  };
}
