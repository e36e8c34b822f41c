import { defineJob, type JobDefinition, type JobKind } from "../engines/jobs/jobs.ts";
import { noticeTries, sendNotice } from "../engines/sms/notice.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import type { SmsSender } from "../engines/sms/sms.ts";
import Type from "../kernel/schema/schema.ts";
import type { SmsNotice } from "../words/sms-texts.ts";

/** An SMS that tells a proved number of its account, at once and whatever became of it since. No code and no name is in it. */
const Payload = Type.Object({ userId: Type.Integer(), mobile: Type.String() });

export type NoticeSmsKind = JobKind<typeof Payload>;

export interface NoticeSmsDeps {
  readonly sender: SmsSender;
  readonly say: (notice: SmsNotice, days: number) => string;
}

export function noticeSmsJob(name: string, purpose: SmsNotice): NoticeSmsKind {
  return defineJob(name, Payload, ({ mobile, userId }) => ({
    ...{ kind: smsKind(purpose), to: mobile, userId },
  }));
}

export function noticeSms(
  kind: NoticeSmsKind,
  purpose: SmsNotice,
  { sender, say }: NoticeSmsDeps,
): JobDefinition<typeof Payload> {
  return {
    ...kind,
    ...noticeTries,
    handler: ({ mobile: to }, run) =>
      sendNotice(sender, { to, purpose, text: say(purpose, 0), days: 1 }, run),
  };
}
