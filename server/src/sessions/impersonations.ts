import type { Users } from "../accounts/users.ts";
import type { Actor, Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { CurrentUser, Impersonator } from "../http/authentication.ts";
import type { Clock } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import type { DeclaredPermission } from "../permissions/declared-permissions.ts";
import type { Permissions } from "../permissions/permissions.ts";
import {
  endImpersonationsBy,
  findImpersonation,
  type Impersonation,
  impersonatedBy,
  insertImpersonation,
  listImpersonations,
} from "./impersonation-store.ts";
import { endSession } from "./session-store.ts";
import type { EndedBy, SessionOfToken, Sessions } from "./sessions.ts";

/**
 * Sessions in which somebody of the staff acts in an owner's place. Promises: such a session is asked about anew with every request,
 * and is over at once when its time is, when either account is disabled or has other credentials, when the account's owner becomes
 * staff or may do what who acts may not, when the latter is staff no more, has lost the permission, or has left their own session, and when the site switches it off;
 * what a request found over does not come back. Nothing renews it. Attack: a member of staff, or a thief of their token, who goes on in somebody's name.
 * What may be done in one: http/authentication.ts. Who may begin one: admin/impersonate.ts. Guard: impersonation-ends.test.ts.
 */
export interface ImpersonationsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly users: Pick<Users, "lock">;
  readonly permissions: Pick<Permissions, "hasAll" | "grantedInAnyWay">;
  readonly sessions: Pick<Sessions, "noteSeen">;
  readonly impersonation: ImpersonationSettings;
}

export interface ImpersonationSettings {
  readonly isOn: boolean;
  /** After which one ends, whatever happens. */
  readonly seconds: number;
}

export const impersonatePermission: DeclaredPermission = "users.impersonate_user";

/** The entry of an earlier end, but for whom it is about. */
export const impersonationEnd = {
  action: "user.impersonate-end",
  before: { is_impersonated: true },
  after: { is_impersonated: false },
} as const;

export type Impersonations = ReturnType<typeof createImpersonations>;

export function createImpersonations(deps: ImpersonationsDeps) {
  const { db, clock, audit, permissions, sessions, impersonation } = deps;

  async function isAllowed(found: Impersonation): Promise<boolean> {
    const { impersonator: id, is_active, is_staff, is_superuser } = found;
    if (!impersonation.isOn || (is_staff === 0 && is_superuser === 0)) return false;
    // What the owner was allowed since: nobody does in another's name what they may not do themselves.
    const theirs = await permissions.grantedInAnyWay(found.user_id);
    return permissions.hasAll({ id, is_active, is_superuser }, [impersonatePermission, ...theirs]);
  }

  /** Who acted is in the entry of the begin: ids of staff in the values of others' entries outlive them. */
  const recordEnd = (transaction: Db, actor: Actor, user: { id: number; username: string }) =>
    audit.record(transaction, actor, {
      ...{ ...impersonationEnd, targetKind: "user", targetId: user.id, target: user.username },
    });

  return {
    settings: impersonation,

    /** Who acts in that session, of which it is known that somebody does. Error: `token_expired` where it is over. */
    async impersonatorIn(userId: number, id: string): Promise<Impersonator> {
      const now = clock.now();
      const found = await findImpersonation(db, id, now);
      if (found === null || !(await isAllowed(found))) {
        await endSession(db, { id, userId, now, by: "impersonator" });
        throw new AppError("token_expired");
      }
      // They are at work in it, so their own session must not end as unused.
      const { own_id: session_id, own_seen_at: session_seen_at, own_idle_seconds } = found;
      await sessions.noteSeen({ session_id, session_seen_at, session_idle_seconds: own_idle_seconds });
      return { id: found.impersonator, username: found.username, ends_at: found.expires_at };
    },

    /** Those under way, of one account or of all; the newest first, at most 100. */
    async list(userId: number | null, from: Db = db): Promise<Impersonation[]> {
      const found = await listImpersonations(from, userId, clock.now());
      const allowed = await Promise.all(found.map(isAllowed));
      return found.filter((_, index) => allowed[index]);
    },

    /** Opens one in the caller's transaction, which holds the lock on both accounts. `ownSession`: in which they asked for it. */
    async open(
      transaction: Db,
      {
        user,
        impersonator,
        ownSession,
      }: {
        readonly user: { readonly id: number; readonly credentials_version: number };
        readonly impersonator: number;
        readonly ownSession: string;
      },
    ): Promise<SessionOfToken & { readonly endsAt: number }> {
      const now = clock.now();
      const tokenEnd = Math.floor(now / 1000) + impersonation.seconds;
      const [id, endsAt] = [randomToken(), tokenEnd * 1000];
      const parties = { userId: user.id, version: user.credentials_version, impersonator, ownSession };
      await insertImpersonation(transaction, { id, ...parties, now, end: endsAt });
      return { id, tokenEnd, endsAt };
    },

    /** Whose accounts they are in which this member of the staff has a session open. */
    ownersOf: (transaction: Db, impersonator: number): Promise<number[]> =>
      impersonatedBy(transaction, { impersonator, now: clock.now() }),

    /** Ends all that this member of the staff has open; returns whose accounts they are, which the caller has locked. The entries are the caller's. */
    endBy: (transaction: Db, impersonator: number): Promise<number[]> =>
      endImpersonationsBy(transaction, { impersonator, now: clock.now(), by: "impersonator" }),

    /** Ends one session of the account, whoever is in it; of one in which somebody acts, the entry is written. Error: `not_found`. */
    end: (
      actor: Actor,
      user: Pick<CurrentUser, "id" | "username">,
      { session, by }: { readonly session: string; readonly by: EndedBy },
    ): Promise<void> =>
      db.transaction(async (transaction) => {
        // Before the session, as an erasure goes.
        if ((await deps.users.lock(transaction, user.id)) === null) throw new AppError("not_found");
        const ended = await endSession(transaction, { id: session, userId: user.id, now: clock.now(), by });
        if (ended === null) throw new AppError("not_found");
        if (ended.impersonator_id !== null) await recordEnd(transaction, actor, user);
      }),

    recordEnd,
  };
}
