import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Administrator, Limits } from "./administrator.ts";
import type { Disablings, WantedDisabling } from "./disablings.ts";

/** Disabling and enabling by an administrator, within the limits of administrator.ts: never oneself or who may do more. */
export interface StaffDisablingsDeps {
  /** The database, or the transaction that it is to be part of. */
  readonly db: Db;
  readonly users: Pick<Users, "byId">;
  readonly limits: Limits;
  readonly disablings: Pick<Disablings, "disable" | "enable">;
}

export type StaffDisablings = ReturnType<typeof createStaffDisablings>;

export function createStaffDisablings({ db, users, limits, disablings }: StaffDisablingsDeps) {
  async function on(
    actor: Administrator,
    id: number,
    act: (transaction: Db) => Promise<User>,
  ): Promise<void> {
    await db.transaction(async (transaction) => {
      const seen = await users.byId(id, transaction);
      if (seen === null) throw new AppError("not_found");
      limits.mayChangeStanding(actor, seen);
      await limits.mayTouch(actor, seen);
      // Again under the lock: a superuser may have promoted the account since it was read.
      await limits.mayTouch(actor, await act(transaction));
    });
  }

  return {
    /** Errors: `not_found`, `forbidden`, `last_superuser`, `invalid_fields` for an end that is not to come. */
    disable: (actor: Administrator, id: number, wanted: WantedDisabling): Promise<void> =>
      on(actor, id, (transaction) => disablings.disable(transaction, actor, id, wanted)),

    /** Errors: `not_found`, `forbidden`. */
    enable: (actor: Administrator, id: number, reason: string | null): Promise<void> =>
      on(actor, id, (transaction) => disablings.enable(transaction, actor, id, reason)),
  };
}
