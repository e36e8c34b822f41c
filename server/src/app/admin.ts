import type { FastifyInstance } from "fastify";
import { createLimits } from "../admin/administrator.ts";
import { auditRoutes } from "../admin/audit-routes.ts";
import { blockRoutes } from "../admin/block-routes.ts";
import { createBlocks } from "../admin/blocks.ts";
import { createBulk } from "../admin/bulk.ts";
import { bulkRoutes } from "../admin/bulk-routes.ts";
import { dataRequestRoutes } from "../admin/data-request-routes.ts";
import { denialRoutes } from "../admin/denial-routes.ts";
import { disablingRoutes } from "../admin/disabling-routes.ts";
import { createDisablings } from "../admin/disablings.ts";
import { createFirstSuperuser } from "../admin/first-superuser.ts";
import { firstSuperuserRoutes } from "../admin/first-superuser-routes.ts";
import { createGroupAdmin } from "../admin/group-admin.ts";
import { groupAdminRoutes } from "../admin/group-admin-routes.ts";
import { createImpersonate } from "../admin/impersonate.ts";
import { impersonationRoutes } from "../admin/impersonation-routes.ts";
import { invitationAdminRoutes } from "../admin/invitation-admin-routes.ts";
import { jobAdminRoutes } from "../admin/job-admin-routes.ts";
import { keyAdminRoutes } from "../admin/key-admin-routes.ts";
import { mailAdminRoutes } from "../admin/mail-admin-routes.ts";
import { mailTemplateRoutes } from "../admin/mail-template-routes.ts";
import { noteRoutes } from "../admin/note-routes.ts";
import { createNotes } from "../admin/notes.ts";
import { overviewRoutes } from "../admin/overview-routes.ts";
import { providerAdminRoutes } from "../admin/provider-admin-routes.ts";
import { createReveals } from "../admin/reveals.ts";
import { runAdminRoutes } from "../admin/run-admin-routes.ts";
import { secondFactorAdminRoutes } from "../admin/second-factor-admin.ts";
import { serviceAdminRoutes } from "../admin/service-admin-routes.ts";
import { settingAdminRoutes } from "../admin/setting-admin-routes.ts";
import { smsTemplateRoutes } from "../admin/sms-template-routes.ts";
import { createStaffDisablings } from "../admin/staff-disablings.ts";
import { createUserAccess } from "../admin/user-access.ts";
import { userAccessRoutes } from "../admin/user-access-routes.ts";
import { createUserAdmin } from "../admin/user-admin.ts";
import { userAdminRoutes } from "../admin/user-admin-routes.ts";
import { userDataRoutes } from "../admin/user-data-routes.ts";
import { createUserExport } from "../admin/user-export.ts";
import { userSessionRoutes } from "../admin/user-session-routes.ts";
import { webhookAdminRoutes } from "../admin/webhook-admin-routes.ts";
import { createDataRequests } from "../rights/data-requests.ts";
import { createKeyChanges } from "../sessions/keys/key-changes.ts";
import type { SigningKeys } from "../sessions/keys/signing-keys.ts";
import { createLogInLimits } from "../sign-in/log-in-limits.ts";

type Of<Make extends (...args: never) => unknown> = Parameters<Make>[0];
type RoutesOf<Add extends (...args: never) => unknown> = Parameters<Add>[1];
type Deps = Omit<Of<typeof createUserAdmin>, "limits" | "usernameAskedLater"> &
  Omit<Of<typeof createUserAccess>, "logInLimits" | "disabled"> &
  Of<typeof createLogInLimits> &
  Omit<RoutesOf<typeof mailAdminRoutes>, "reveals"> &
  RoutesOf<typeof webhookAdminRoutes> &
  Omit<RoutesOf<typeof secondFactorAdminRoutes>, "limits"> &
  Omit<RoutesOf<typeof userAdminRoutes>, "userAdmin" | "reveals"> &
  Of<typeof createFirstSuperuser> &
  Omit<RoutesOf<typeof blockRoutes>, "blocks"> &
  Omit<Of<typeof createBlocks>, "logInLimits" | "limits"> &
  RoutesOf<typeof denialRoutes> &
  Omit<Of<typeof createImpersonate>, "limits"> &
  Omit<RoutesOf<typeof serviceAdminRoutes>, "limits"> &
  Omit<RoutesOf<typeof keyAdminRoutes>, "keyChanges" | "signingKeys"> &
  RoutesOf<typeof providerAdminRoutes> &
  RoutesOf<typeof settingAdminRoutes> &
  RoutesOf<typeof mailTemplateRoutes> &
  RoutesOf<typeof smsTemplateRoutes> &
  Pick<RoutesOf<typeof invitationAdminRoutes>, "invitations" | "siteUrl"> & {
    readonly environment: "development" | "production";
    readonly invitationLifeDays: number;
    readonly usernameAskedLater: boolean;
    readonly signingKeys: SigningKeys;
    readonly queue: RoutesOf<typeof jobAdminRoutes>["jobs"];
    readonly hourlyCounts: RoutesOf<typeof overviewRoutes>["hourlyCounts"];
  };

/** What staff may do, under /admin/; `limits` is what each may do to whom, which the people's rights ask, too. */
export function createAdminParts(deps: Deps) {
  const { db, audit, permissions, groups, users } = deps;
  const limits = createLimits({ permissions });
  const userAdmin = createUserAdmin({ ...deps, limits });
  const groupAdmin = createGroupAdmin({ db, audit, groups, limits });
  const firstSuperuser = createFirstSuperuser(deps);
  const disablings = createDisablings(deps);
  const logInLimits = createLogInLimits(deps);
  const userAccess = createUserAccess({
    ...deps,
    disabled: disablings.of,
    logInLimits,
  });
  const ofStaff = { ...deps, limits, disablings };
  const bulk = createBulk({
    ...{ ...deps, userAdmin },
    within: (transaction) => ({
      ...createUserAdmin({ ...deps, limits, db: transaction }),
      ...createStaffDisablings({ ...ofStaff, db: transaction }),
    }),
  });
  const reveals = createReveals({ db, audit, users });
  return {
    limits,
    firstSuperuser,
    bulk,
    purges: [
      { name: "first_superuser_links", remove: firstSuperuser.purge },
      { name: "ended disablings", remove: disablings.sweep },
      { name: "bulk_runs", remove: bulk.purge },
      { name: "denials", remove: deps.denials.purge },
    ],
    addRoutes(api: FastifyInstance): void {
      secondFactorAdminRoutes(api, { ...deps, limits });
      userAdminRoutes(api, { ...deps, userAdmin, reveals });
      disablingRoutes(api, { staffDisablings: createStaffDisablings(ofStaff) });
      noteRoutes(api, { notes: createNotes(deps) });
      bulkRoutes(api, { bulk });
      denialRoutes(api, deps);
      blockRoutes(api, { ...deps, blocks: createBlocks({ ...deps, limits, logInLimits }) });
      const userExport = createUserExport({ db, audit, userAdmin });
      userDataRoutes(api, { reveals, userAdmin, userExport });
      groupAdminRoutes(api, { groupAdmin });
      userSessionRoutes(api, { db, userAdmin });
      impersonationRoutes(api, { impersonate: createImpersonate({ ...deps, limits }) });
      auditRoutes(api, { audit, permissions });
      invitationAdminRoutes(api, { ...deps, reveals, lifeDays: deps.invitationLifeDays });
      mailAdminRoutes(api, { ...deps, reveals });
      webhookAdminRoutes(api, deps);
      jobAdminRoutes(api, { db, audit, jobs: deps.queue });
      userAccessRoutes(api, { userAccess });
      overviewRoutes(api, deps);
      if (deps.environment === "development") firstSuperuserRoutes(api, { firstSuperuser });
      mailTemplateRoutes(api, deps);
      smsTemplateRoutes(api, deps);
      serviceAdminRoutes(api, { ...deps, limits });
      keyAdminRoutes(api, { ...deps, keyChanges: createKeyChanges(deps) });
      providerAdminRoutes(api, deps);
      settingAdminRoutes(api, deps);
      dataRequestRoutes(api, { dataRequests: createDataRequests(deps) });
      runAdminRoutes(api, deps);
    },
  };
}
