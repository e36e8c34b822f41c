import { attemptsWithin } from "../jobs/job-definitions.ts";
import { type OutgoingSms, SmsFailure, SmsRefused, type SmsSender } from "./sms.ts";

/**
 * An SMS that tells something and carries no code. It goes on for two days, whatever the vendor says, but that nobody has the number:
 * attack: a thief who first has the vendor refuse the number, by asking for codes to it, so that its owner is never told (guard:
 * number-leave-notice.test.ts).
 */
const backoff = { backoffSeconds: 10, backoffLimitSeconds: 3600 };
export const noticeTries = { attempts: attemptsWithin(2 * 24 * 3600, backoff), ...backoff };

/** Resolves where the number was told, or nobody has it. Throws what has the job try again. */
export async function sendNotice(
  sender: SmsSender,
  notice: Pick<OutgoingSms, "to" | "purpose" | "text"> & { readonly days: number },
  run: { readonly id: string; readonly attempt: number; readonly signal: AbortSignal },
): Promise<void> {
  const { days, ...message } = notice;
  const about = { code: "", minutes: days * 24 * 60, messageId: run.id, attempt: run.attempt };
  await sender.send({ ...message, ...about }, run.signal).catch((error: unknown) => {
    if (!(error instanceof SmsRefused)) throw error;
    if (error.refusal === "number") return;
    // The number's share, or what an operator puts right: both may pass.
    throw new SmsFailure(error.message);
  });
}
