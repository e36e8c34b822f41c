import { type SecurityNotice, securityNoticeJob } from "../accounts/user-jobs.ts";
import type { FoundJob } from "../engines/jobs/jobs.ts";
import { joinedSmsJob } from "./joined-sms-job.ts";

/**
 * What tells the owner that two accounts became one carries the erased one's name, address or number, and is sent to the kept one's
 * owner. Attack: mail that is down for five minutes, after which the owner never heard of a join, because what the erased account left
 * behind was looked for then (guard: joining-traces.test.ts).
 */
export function isJoinNotice(payload: unknown, { name, isWaiting }: FoundJob): boolean {
  if (!isWaiting) return false;
  if (name === joinedSmsJob.name) return true;
  return name === securityNoticeJob.name && (payload as Partial<SecurityNotice>)?.kind === "account_joined";
}

/**
 * When nothing of a join waits any more: it is tried for two days, with the longest waits for less than three (accounts/user-jobs.ts,
 * engines/sms/notice.ts). With a NAME_HOLD_DAYS below four nobody knows the names any more by then, and what is left of them goes in the
 * time of its job and of the record of its mail.
 */
export const noticesEndedSeconds = 4 * 24 * 3600;
