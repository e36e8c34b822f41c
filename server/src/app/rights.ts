import type { ErasedNames } from "../accounts/erased-names.ts";
import { namesSomebody } from "../accounts/staff-reason.ts";
import type { Users } from "../accounts/users.ts";
import { userArchiveRoutes } from "../admin/user-archive-routes.ts";
import { type UserDeletionDeps, userDeletionRoutes } from "../admin/user-deletion-routes.ts";
import type { Audit } from "../audit/audit.ts";
import { createForgetTyped } from "../audit/forget-typed.ts";
import type { Avatars } from "../avatars/avatars.ts";
import type { Config } from "../config/config.ts";
import type { Database } from "../engines/database/database.ts";
import type { JobDefinition, Jobs, JobsAdmin } from "../engines/jobs/jobs.ts";
import type { Purge } from "../engines/jobs/maintenance.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import type { Events } from "../events/events.ts";
import type { Api } from "../http/server.ts";
import type { Grants } from "../identities/bindings/grants.ts";
import { revokeGrant } from "../identities/bindings/revoke-grant-job.ts";
import { forgetJoined } from "../joining/forget-joined-job.ts";
import { isJoinNotice } from "../joining/join-notices.ts";
import { purgeJoins } from "../joining/join-store.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { createDeletedListKeeper, noteErasedBy } from "../rights/deleted-list.ts";
import { deletionHoldRoutes } from "../rights/deletion-hold-routes.ts";
import { createDeletionHolds, purgeHolds } from "../rights/deletion-holds.ts";
import { type DeletionRoutesDeps, deletionRoutes } from "../rights/deletion-routes.ts";
import { deletedKeptMillis, purgeDeleted } from "../rights/deletion-store.ts";
import { createDeletions, type Deletions } from "../rights/deletions.ts";
import { eraseAccountDefinition } from "../rights/erase-job.ts";
import { eraseTraces } from "../rights/erase-traces-job.ts";
import type { TellErased } from "../rights/erased-sms.ts";
import { exportRoutes } from "../rights/export-routes.ts";
import { purgeExports } from "../rights/export-store.ts";
import { createExports } from "../rights/exports.ts";
import { forgetActors } from "../rights/forget-actors.ts";
import { purgeErased } from "../rights/purge-erased.ts";
import { type RightsNoticeDeps, rightsNotice } from "../rights/rights-notice-job.ts";
import type { UndoRights } from "../sessions/disown.ts";
import type { StepUp } from "../sign-in/step-up.ts";
import { personalTables } from "./personal-data.ts";

/** What people may ask of their data. The jobs come first, and what they need of the queue when it is open. */
export interface RightsDeps {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly secretKeys: SecretKeys;
  readonly users: Users;
  readonly erasedNames: ErasedNames;
  readonly mailer: Mailer;
  readonly renderMail: RenderMail;
  readonly audit: Audit;
  readonly events: Events;
  readonly grants: () => Pick<Grants, "revokeAll" | "revokeOne">;
  readonly avatars: Avatars;
  readonly disownToken: RightsNoticeDeps["disownToken"];
  readonly tellsNumbers: boolean;
  readonly tellErased: TellErased | null;
}

export function createRights(deps: RightsDeps) {
  const { config, db, clock } = deps;
  const exports = createExports({ ...deps, words: config.words, tables: personalTables });
  let open: { readonly jobs: Jobs; readonly queue: JobsAdmin } | null = null;
  const queueNow = () => {
    if (open === null) throw new Error("a job runs before the queue is open");
    return open;
  };
  const ways = { siteUrl: config.publicSiteUrl, hasPendingEmails: config.contract === "classic" };
  const keepList = createDeletedListKeeper({ ...deps, ...config });
  const noteErased = noteErasedBy(keepList, deps.log);
  const definitions: readonly JobDefinition[] = [
    exports.definition(() => queueNow().jobs),
    eraseAccountDefinition({
      ...{ ...deps, ...ways, noteErased, queue: () => queueNow().queue, jobs: () => queueNow().jobs },
      revokeGrants: (userId) => deps.grants().revokeAll(userId),
    }),
    revokeGrant({ log: deps.log, revoke: (grant) => deps.grants().revokeOne(grant) }),
    eraseTraces({
      ...{ ...deps, queue: () => queueNow().queue, isStillTold: isJoinNotice },
      forgetDeleted: async () => db.forgetDeleted?.(),
    }),
    rightsNotice({ ...deps, ...ways }),
    forgetJoined({ queue: () => queueNow().queue, noteErased }),
  ];

  const forgetTyped = createForgetTyped({ ...deps, namesSomebody });
  let begun: Deletions | null = null;
  const deletionsNow = () => {
    if (begun === null) throw new Error("deletions are asked for before the queue is open");
    return begun;
  };

  return {
    definitions,
    /** Once the queue is open. */
    begin(jobs: Jobs, queue: JobsAdmin) {
      open = { jobs, queue };
      const deletions = createDeletions({ ...deps, jobs, deletionGraceDays: config.deletionGraceDays });
      begun = deletions;
      const undoRights: UndoRights = async (transaction, user, since) => {
        await deletions.cancelSince(transaction, user, since);
        await exports.withdraw(transaction, user);
      };
      return { deletions, undoRights };
    },
    purges: (): readonly Purge[] => [
      { name: "data_exports", remove: (limit) => purgeExports(db, clock.now(), limit) },
      {
        name: "deeds of erased staff",
        remove: (limit) => forgetActors(deps, clock.now() - deletedKeptMillis, limit),
      },
      {
        name: "deleted_accounts",
        remove: (limit) => purgeDeleted(db, clock.now() - deletedKeptMillis, limit),
      },
      {
        name: "account_joins",
        remove: (limit) => purgeJoins(db, clock.now() - deletedKeptMillis, limit),
      },
      { name: "deletion_holds", remove: (limit) => purgeHolds(db, clock.now(), limit) },
      {
        name: "audit_entries",
        remove: (limit) => purgeErased(deps, clock.now() - config.auditErasedDays * dayMillis, limit),
      },
      { name: "typed searches", remove: forgetTyped },
      { name: "due deletions", remove: deletionsNow().sweep },
      { name: "the list of erased accounts", remove: () => keepList().then(() => 0) },
    ],
    addRoutes(api: Api, parts: RouteParts) {
      const deletions = deletionsNow();
      exportRoutes(api, { exports, jobs: queueNow().jobs });
      deletionRoutes(api, { ...parts, db, deletions, expectFactor: parts.stepUp.expectFactor });
      const holds = createDeletionHolds({ ...deps, jobs: queueNow().jobs });
      deletionHoldRoutes(api, { holds });
      userDeletionRoutes(api, { ...parts, db, deletions });
      userArchiveRoutes(api, { ...parts, exports, jobs: queueNow().jobs });
    },
  };
}

type RouteParts = Omit<DeletionRoutesDeps, "db" | "deletions" | "expectFactor"> &
  Pick<UserDeletionDeps, "limits"> & { readonly stepUp: Pick<StepUp, "expectFactor"> };
