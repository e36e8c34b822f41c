import type { Jobs } from "../engines/jobs/jobs.ts";
import type { Clock } from "../kernel/clock.ts";
import { type CodeChannel, type CodeToSend, lifeSecondsOf } from "./channel.ts";
import type { CodesSettings } from "./settings.ts";
import { type EmailPurpose, verificationMailJob } from "./verification-jobs.ts";

/** Codes by e-mail. The flag of a minute is each client's own, of all purposes: nobody's request holds up another's. */
export function createEmailChannel({
  jobs,
  clock,
  codeRequestLimit,
  codeTryLimit,
}: Pick<CodesSettings, "codeRequestLimit" | "codeTryLimit"> & {
  readonly jobs: Jobs;
  readonly clock: Clock;
}): CodeChannel {
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
    perNetwork: [{ name: "codes", limit: codeRequestLimit, windowSeconds: 3600 }],
    triesPerNetwork: { name: "code-tries", limit: codeTryLimit, windowSeconds: 3600 },
    errors: { tooFrequent: "code_too_frequent", wrong: "code_wrong", expired: "code_expired" },
  };
}
