import { type RecordingDeps, recordTry } from "../mail/recorded-mailer.ts";
import type { SmsSender } from "./sms.ts";

/** How the record of messages calls an SMS of a purpose. */
export const smsKind = (purpose: string): string => `sms_${purpose}`;

/** As the sender, and what became of each SMS is noted beside the mails: the state and a vendor's words, without its code. */
export function recordSms(sender: SmsSender, deps: RecordingDeps): SmsSender {
  return {
    ...sender,
    send: (message, signal) => {
      const about = { ...message, kind: smsKind(message.purpose), what: "an SMS" };
      return recordTry(about, deps, signal, () => sender.send(message, signal));
    },
  };
}
