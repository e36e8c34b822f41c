import { sendNotice } from "../engines/sms/notice.ts";
import type { SmsSender } from "../engines/sms/sms.ts";
import type { SmsNotice } from "../words/sms-texts.ts";

/**
 * The last word to an account that has no confirmed address, at its proved number. It goes from the erasure itself, as the last mail
 * does: a job of its own would keep the number for longer than the account. Attack: a deletion without grace, of which a mobile
 * account's owner would hear nothing (guard: erased-sms.test.ts). No name is in it.
 */
export type TellErased = (
  mobile: string,
  run: { readonly id: string; readonly attempt: number; readonly signal: AbortSignal },
) => Promise<void>;

const purpose: SmsNotice = "accountDeleted";

export function tellErased({
  sender,
  say,
}: {
  readonly sender: SmsSender;
  readonly say: (notice: SmsNotice, days: number) => string;
}): TellErased {
  // Of no life: nothing can be done about it any more.
  return (to, run) =>
    sendNotice(
      sender,
      { to, purpose, text: say(purpose, 0), days: 0 },
      // The last mail goes by the run's own id, and a message is kept once for its id.
      { id: `${run.id}-sms`, attempt: run.attempt, signal: run.signal },
    );
}
