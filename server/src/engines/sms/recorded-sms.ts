import type { BaseLogger } from "pino";
import type { Clock } from "../../kernel/clock.ts";
import { PermanentFailure } from "../jobs/jobs.ts";
import { type RecordingDeps, recordTry } from "../mail/recorded-mailer.ts";
import {
  isForOperator,
  type OutgoingSms,
  SmsFailure,
  type SmsReceipt,
  type SmsRefusal,
  SmsRefused,
  type SmsSender,
} from "./sms.ts";

/** How the record of messages calls an SMS of a purpose. */
export const smsKind = (purpose: string): string => `sms_${purpose}`;

export interface SmsRecordingDeps extends Pick<RecordingDeps, "record"> {
  readonly log: Pick<BaseLogger, "warn" | "error">;
  readonly clock: Clock;
}

const alarmEveryMillis = 3_600_000;
/** Of a message that may have been sent each time: another one costs as much, and the person has the code or asks again. */
const mostUnknownTries = 2;
/** Of a notice, which nobody asks for again, and without which something goes wrong. */
const mostUnknownNoticeTries = 12;

/**
 * As the sender, and what became of each SMS is noted beside the mails: the state and a vendor's words, without its code.
 * What only the operator can put right is an alarm in the log, of each kind once an hour: without number and code.
 */
export function recordSms(sender: SmsSender, { record, log, clock }: SmsRecordingDeps): SmsSender {
  const raised = new Map<SmsRefusal, number>();

  function raise({ refusal, message }: SmsRefused): void {
    if (!isForOperator(refusal)) return;
    const last = raised.get(refusal);
    if (last !== undefined && clock.now() - last < alarmEveryMillis) return;
    raised.set(refusal, clock.now());
    const words = "the vendor sends no SMS until an operator puts this right (docs/sms.md)";
    log.error({ alarm: "sms_vendor", refusal, said: message }, words);
  }

  async function trySending(message: OutgoingSms, signal: AbortSignal | undefined): Promise<SmsReceipt> {
    try {
      return await sender.send(message, signal);
    } catch (error) {
      const isUnknown = error instanceof SmsFailure && error.mayBeSent;
      const most = message.code === "" ? mostUnknownNoticeTries : mostUnknownTries;
      if (!isUnknown || (message.attempt ?? 1) < most) throw error;
      throw new PermanentFailure(`${error.message}; it may have been sent, and is not tried again`);
    }
  }

  return {
    ...sender,
    async send(message, signal) {
      const about = { ...message, kind: smsKind(message.purpose), what: "an SMS" };
      try {
        return await recordTry(about, { record, log }, signal, () => trySending(message, signal));
      } catch (error) {
        if (error instanceof SmsRefused) raise(error);
        throw error;
      }
    },
  };
}
