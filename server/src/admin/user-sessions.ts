import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import { impersonationEnd } from "../sessions/impersonations.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Administrator, Limits } from "./administrator.ts";

/** Sessions of an account for who administers it, within the limits of administrator.ts. An end and its entry in the audit log commit together. */
export interface UserSessionsDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly users: Pick<Users, "byId" | "lock">;
  readonly limits: Limits;
  readonly sessions: Pick<Sessions, "list" | "end">;
}

export function createUserSessions({ db, audit, users, limits, sessions }: UserSessionsDeps) {
  return {
    /** The account's sessions that live. Error: `not_found`. */
    async sessions(id: number): ReturnType<Sessions["list"]> {
      const user = await users.byId(id);
      if (user === null) throw new AppError("not_found");
      return sessions.list(user);
    },

    /** Ends one of them. Errors: `not_found`, `forbidden`. */
    async endSession(actor: Administrator, id: number, session: string): Promise<void> {
      await db.transaction(async (transaction) => {
        const user = await users.lock(transaction, id);
        if (user === null) throw new AppError("not_found");
        await limits.mayTouch(actor, user);
        const wasImpersonation = await sessions.end(id, session, "staff", transaction);
        const about = { targetKind: "user", targetId: id, target: user.username } as const;
        await audit.record(
          transaction,
          actor,
          // The entry of its begin has its end beside it, wherever it was ended.
          wasImpersonation
            ? { ...about, ...impersonationEnd }
            : { ...about, action: "user.end-session", before: { session }, after: { session: null } },
        );
      });
    },
  };
}
