import type { ExtraFields } from "../accounts/extra-fields.ts";
import type { Users } from "../accounts/users.ts";
import type { FirstSuperuser } from "../admin/first-superuser.ts";
import type { SetUp } from "../admin/setting-admin-routes.ts";
import type { Invitations } from "../admission/invitations.ts";
import type { Audit } from "../audit/audit.ts";
import type { SmsTrial } from "../codes/sms-trial.ts";
import type { Config } from "../config/config.ts";
import type { Database } from "../engines/database/database.ts";
import type { JobsAdmin } from "../engines/jobs/jobs.ts";
import type { LocalRunner } from "../engines/jobs/local-runner.ts";
import type { Maintenance } from "../engines/jobs/maintenance.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { OwnMails } from "../engines/mail/templates/own-mails.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import type { SmsSender } from "../engines/sms/sms.ts";
import type { Passkeys } from "../factors/passkeys.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Hooks } from "../hooks/hook-events.ts";
import type { Authenticator } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import type { CheckProvider } from "../identities/providers/check-provider.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { PermissionDeclaration } from "../permissions/declared-permissions.ts";
import type { Groups } from "../permissions/groups.ts";
import type { Permissions } from "../permissions/permissions.ts";
import type { Services } from "../services/services.ts";
import type { FetchPicture } from "../site/avatar-proxy.ts";
import type { SitePasskeys } from "../site/site-passkeys.ts";
import type { SiteProvider } from "../site/site-providers.ts";
import type { SiteSignUp } from "../site/site-sign-up.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { OwnProvider } from "./identities.ts";

/** What a program that embeds the server brings itself. */
export interface AppOverrides {
  readonly clock?: Clock;
  readonly mailer?: Mailer;
  /** By what SMS go out: docs/embed.md. */
  readonly smsSender?: SmsSender;
  /** Asked in order after those that AUTHENTICATORS names. */
  readonly authenticators?: readonly Authenticator[];
  /** What its own routes ask for by `config.permission`; made at the start, granted like any other. */
  readonly permissions?: readonly PermissionDeclaration[];
  /** Third parties to log in by, beside those of the list: docs/from-django.md, "A provider of your own". */
  readonly providers?: readonly OwnProvider[];
  /** What this program is asked before a sign-up, a session and a token; goes before HOOK_…_URL: docs/hooks.md. */
  readonly hooks?: Hooks;
  /** Whole mails of this program's in place of ours: docs/hooks.md. */
  readonly mails?: OwnMails;
  /** What fetches people's pictures from third parties, where not this program itself. */
  readonly fetchPicture?: FetchPicture;
  /** Where the sandbox answers for third-party providers that are not configured. */
  readonly sandboxOrigin?: string;
  /** What the console shows of the settings and the doctor; without it those two answer 404. */
  readonly setUp?: SetUp;
  /** Called before the routes are added, to watch them being added. */
  readonly describe?: (api: Api, url: string) => Promise<void>;
}

export interface App {
  readonly api: Api;
  readonly worker: LocalRunner;
  readonly maintenance: Maintenance;
  readonly jobs: JobsAdmin;
  readonly db: Database;
  readonly kv: KeyValue;
  readonly mailer: Mailer;
  readonly renderMail: RenderMail;
  readonly secondFactors: SecondFactors;
  readonly passkeys: Passkeys;
  readonly passwords: Passwords;
  readonly users: Users;
  /** Whose entries are told, too: docs/audit.md. */
  readonly audit: Audit;
  readonly permissions: Permissions;
  readonly groups: Groups;
  readonly invitations: Invitations;
  /** Of a development set-up without any superuser. */
  readonly firstSuperuser: Pick<FirstSuperuser, "offer">;
  /** Other programs that may ask: docs/services.md. */
  readonly services: Services;
  /** Where other programs are told what happened: docs/webhooks.md. */
  readonly webhooks: Webhooks;
  /** Of SIGN_UP_FIELDS: `extraFields.of(userId, "services")`. */
  readonly extraFields: ExtraFields;
  /** Null without METRICS_PORT. */
  readonly metrics: Metrics | null;
  /** SMS to look at and to try; null where the site sends none. */
  readonly smsTrial: SmsTrial | null;
  /** Whether a third party takes our credentials. */
  readonly checkProvider: CheckProvider;
  /** Every third-party provider as `createSite` takes it, in the order in which they are offered. */
  readonly providers: readonly SiteProvider[];
  /** Who may sign up, as `createSite` takes it. */
  readonly signUp: SiteSignUp;
  /** Whether codes go out by SMS, as `createSite` takes it. */
  readonly sms: boolean;
  /** Of passkeys, as `createSite` takes it. */
  readonly passkeyDomain: SitePasskeys;
  /** Where a log-in may lead back to beside the site, as `createSite` takes it. */
  readonly returnOrigins: readonly string[];
  /**
   * Loads what the operator's visitors would load as the first: modules that an upgrade replaces under a running
   * process can't be loaded any more (guard: fault/replaced-modules.test.ts).
   */
  load(): Promise<void>;
  close(): Promise<void>;
}

export interface AppContext {
  readonly config: Config & { readonly secretKey: string };
  readonly log: Log;
}
