import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import { type Administrator, isService } from "./administrator.ts";

/**
 * That a person of the staff was shown people unmasked is in the audit log before the answer leaves. Attack: who may see the list and not
 * export it, and carries everybody off page by page without the console's `masked` (guard: reveals.test.ts). Not for services: to read
 * accounts is what their credentials are for.
 */
export interface RevealsDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly users: Pick<Users, "lock">;
}

export type Reveals = ReturnType<typeof createReveals>;

export function createReveals({ db, audit, users }: RevealsDeps) {
  return {
    /** Of one account. Error: `not_found` where it went meanwhile. */
    async one(actor: Administrator, id: number): Promise<void> {
      if (isService(actor)) return;
      await db.transaction(async (transaction) => {
        const user = await users.lock(transaction, id);
        if (user === null) throw new AppError("not_found");
        await audit.record(transaction, actor, {
          ...{ action: "user.reveal", targetKind: "user", targetId: user.id },
          ...{ target: user.username, before: {}, after: { shown: "all" } },
        });
      });
    },

    /** Of a page of a list; one without rows shows nobody. */
    async list(actor: Administrator, list: "users" | "invitations" | "mails", rows: number): Promise<void> {
      if (isService(actor) || rows === 0) return;
      await db.transaction((transaction) =>
        audit.record(transaction, actor, {
          ...{ action: "user.reveal-list", targetKind: "system", targetId: 0, target: list },
          ...{ before: {}, after: { rows } },
        }),
      );
    },
  };
}
