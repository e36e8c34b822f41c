import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import type { Deletions } from "../rights/deletions.ts";
import type { Wish } from "../sessions/cookie-authenticator.ts";
import type { Door, Session } from "./complete.ts";
import { heldAccount, heldProof } from "./held-log-in.ts";
import type { PendingSteps } from "./pending-step.ts";

/** Keeps an account whose deletion waits, for who has just logged in and says so, and goes on with that log-in. */
export interface KeepAccountDeps {
  readonly users: Users;
  readonly pendingSteps: PendingSteps;
  readonly deletions: Pick<Deletions, "cancel">;
  readonly door: Door;
}

export type KeepAccount = ReturnType<typeof createKeepAccount>;

export function createKeepAccount({ users, pendingSteps, deletions, door }: KeepAccountDeps) {
  return {
    /** Errors: `second_factor_step_ended` for a step that is over, `deletion_not_pending`. */
    async keep(step: string, asker: Asker, wish: Wish): Promise<{ account: User; session: Session }> {
      const opened = await pendingSteps.open(step, asker, "keep");
      const held = await heldAccount(users, opened);
      await pendingSteps.end(step);
      const account = await deletions.cancel(held);
      const session = await door.goOn(heldProof(account, opened), opened.factor, asker, wish);
      return { account, session };
    },
  };
}
