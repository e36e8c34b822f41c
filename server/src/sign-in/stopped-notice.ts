import type { User } from "../accounts/record.ts";
import { securityNoticeJob } from "../accounts/user-jobs.ts";
import type { Asker } from "../devices/asker.ts";
import { browserName } from "../devices/browser-name.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { type KeyValue, key } from "../engines/kv/kv.ts";
import type { PendingStep } from "./pending-step.ts";

/**
 * Tells an owner that somebody got past the first step of a log-in and was stopped at the second factor: their password is
 * known, and nothing else would tell them. Promises: once a day, however many guess (attack: flooding the owner's mailbox);
 * the link in the mail ends every log-in and undoes what was changed since that log-in began, and leaves the second factor,
 * which is older. Guard: stopped-at-the-factor.test.ts.
 */
export interface StoppedNoticeDeps {
  readonly kv: KeyValue;
  readonly jobs: Jobs;
}

export type StoppedNotice = ReturnType<typeof createStoppedNotice>;

const everySeconds = 86_400;

export function createStoppedNotice({ kv, jobs }: StoppedNoticeDeps) {
  return {
    async tell(
      { id }: Pick<User, "id">,
      { how, begunAt }: Pick<PendingStep, "how" | "begunAt">,
      { network, userAgent }: Pick<Asker, "network" | "userAgent">,
    ): Promise<void> {
      const told = key("once", String(id), "stopped-notice");
      if ((await kv.add(told, "1", everySeconds)).refused) return;
      try {
        await jobs.enqueue(securityNoticeJob, {
          // Whoever it was may not be the owner, so their language says nothing of the owner's.
          ...{ userId: id, kind: "second_factor_stopped", language: "unknown", at: begunAt },
          ...{ network, device: await browserName(userAgent) },
          firstStep: how === "provider" || how === "code" ? how : "password",
        });
      } catch (error) {
        await kv.delete(told);
        throw error;
      }
    },
  };
}
