import type { CaptchaGate } from "../captcha/captcha-gate.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import type { Clock } from "../kernel/clock.ts";
import { limitRule } from "../kernel/limits.ts";
import { type CodeChannel, type CodeToSend, lifeSecondsOf } from "./channel.ts";
import type { CodesSettings } from "./settings.ts";
import { type EmailPurpose, verificationMailJob } from "./verification-jobs.ts";

export interface EmailChannelDeps extends Pick<CodesSettings, "codeRequestLimit" | "codeTryLimit"> {
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly kv: KeyValue;
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
  kv,
}: EmailChannelDeps): CodeChannel {
  const limit = createRateLimit(kv);
  const perHour = limitRule("codes", codeRequestLimit);
  const jobOf = (code: CodeToSend) => {
    const { codeId, to: email, language } = code;
    const purpose = code.purpose as EmailPurpose;
    const payload = { codeId, email, purpose, language, lifeSeconds: lifeSecondsOf(code) };
    return [verificationMailJob, payload, { deadlineAt: clock.now() + code.lifeMillis }] as const;
  };
  return {
    send: (code) => jobs.enqueue(...jobOf(code)),
    sendWithin: (transaction, code) => jobs.enqueueWith(transaction, ...jobOf(code)),
    flagOf: ({ id }) => id,
    async guard({ to: address, purpose, client, captcha }) {
      if (captcha === "answered" || purpose !== "signIn") return;
      if (captchaAfterEmails === 0 || perHour.limit === 0) return;
      if ((await limit.counted(perHour, client.network)) < captchaAfterEmails) return;
      await captchaGate.expect({ purpose, address }, captcha, {
        ...{ subject: client.network, whenUnavailable: "pass" },
      });
    },
    perNetwork: [perHour],
    triesPerNetwork: limitRule("code-tries", codeTryLimit),
    errors: { tooFrequent: "code_too_frequent", wrong: "code_wrong", expired: "code_expired" },
  };
}
