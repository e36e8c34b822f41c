import { type NoticeSmsDeps, noticeSms, noticeSmsJob } from "../accounts/notice-sms.ts";

/**
 * Tells the proved number of either of two joined accounts that has no confirmed address that they became one. Attack: an account that
 * goes by its number alone, taken into a thief's, and its owner never hears of it (guard: joining-sms.test.ts).
 */
export const joinedSmsJob = noticeSmsJob("joined-sms", "joinAccount");

export const joinedSms = (deps: NoticeSmsDeps) => noticeSms(joinedSmsJob, "joinAccount", deps);
