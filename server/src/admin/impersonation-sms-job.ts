import { isMobileProved } from "../accounts/mobile.ts";
import { type NoticeSmsDeps, noticeSms, noticeSmsJob } from "../accounts/notice-sms.ts";
import type { User } from "../accounts/record.ts";

/** Tells an account that has no confirmed address, at its proved number, that staff act in its place. */
export const impersonationSmsJob = noticeSmsJob("impersonation-sms", "impersonation");

/** The number to tell; null where the owner has a confirmed address, or no number that is theirs. */
export function numberToTell(user: User): string | null {
  const isTold = user.email !== null && user.email_verified === 1;
  return isTold || !isMobileProved(user) ? null : user.mobile;
}

export const impersonationSms = (deps: NoticeSmsDeps) =>
  noticeSms(impersonationSmsJob, "impersonation", deps);
