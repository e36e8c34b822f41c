import type { User } from "../accounts/record.ts";
import type { Asker } from "../devices/asker.ts";
import { AppError } from "../errors/errors.ts";
import type { GivenFactor } from "../factors/given-factor.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { PendingSteps } from "./pending-step.ts";
import type { Proved } from "./proved.ts";

/**
 * Holds up who logs in to an account whose deletion waits, behind the first factor and the second: the answer says when it is
 * erased, and has a step by which its owner keeps it (keep-account.ts). Promise: nobody gets a session of such an account by any
 * way in, and logging in alone cancels nothing. Guard: deletion.test.ts.
 */
export interface DeletionGateDeps {
  readonly pendingSteps: PendingSteps;
  readonly clock: Clock;
  readonly log: Log;
}

export type DeletionGate = ReturnType<typeof createDeletionGate>;

export function createDeletionGate({ pendingSteps, clock, log }: DeletionGateDeps) {
  /** Error: `deletion_pending`. */
  function refuse(dueAt: number, facts: Readonly<Record<string, unknown>> = {}): never {
    const erased_at = new Date(dueAt).toISOString();
    throw new AppError("deletion_pending", {
      parameters: { day: erased_at.slice(0, 10) },
      answer: { code: "deletion_pending", erased_at, ...facts },
    });
  }

  return {
    /** Error: `deletion_pending`, whose answer has the step; none once the grace is over. */
    async letPass(proved: Proved, factor: GivenFactor | null, asker: Asker): Promise<void> {
      const { account, how } = proved;
      const { deletion_due_at: dueAt } = account;
      if (dueAt === null) return;
      await proved.settle?.();
      if (dueAt <= clock.now()) refuse(dueAt);
      const held = { ...proved, ...(factor !== null && { factor }) };
      const step = await pendingSteps.begin(account, held, asker, "keep");
      log.info({ userId: account.id, client: asker.network, how }, "log-in to an account to be deleted");
      refuse(dueAt, { step, expires_in: pendingSteps.stepSeconds });
    },

    /** A request by itself, which can't answer. Error: `deletion_pending`. */
    letPassOnce({ deletion_due_at }: User): void {
      if (deletion_due_at !== null) refuse(deletion_due_at);
    },
  };
}
