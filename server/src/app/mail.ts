import { type SecurityNoticeDeps, securityNotice } from "../accounts/user-jobs.ts";
import type { Users } from "../accounts/users.ts";
import { accountMade } from "../admin/account-made-job.ts";
import type { EmailDomainProblem } from "../admission/email-domains.ts";
import { invitationMail } from "../admission/invitation-jobs.ts";
import type { InvitationTokens } from "../admission/invitation-token.ts";
import { createEmailLinks } from "../classic/email-link.ts";
import { emailLinkMail } from "../classic/email-link-job.ts";
import type { CodeOf } from "../codes/code.ts";
import { verificationMail } from "../codes/verification-jobs.ts";
import type { Config } from "../config/config.ts";
import type { Db } from "../engines/database/database.ts";
import type { JobDefinition } from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import { createMailRecord, type MailRecord } from "../engines/mail/mail-record.ts";
import { createMailboxMailer } from "../engines/mail/mailbox-mailer.ts";
import { recordMails } from "../engines/mail/recorded-mailer.ts";
import { type OwnMails, withOwnMails } from "../engines/mail/templates/own-mails.ts";
import { createMailRenderer, type RenderMail } from "../engines/mail/templates/render-mail.ts";
import { outgoingHttp } from "../engines/outgoing-http.ts";
import { createMailEvents, type MailEvents } from "../hooks/mail-events.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";

/** How mails go out, and what is noted of each. */
export interface MailDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  /** The embedding program's own. */
  readonly own: Mailer | undefined;
  readonly observers: readonly { mailer(mailer: Mailer): Mailer }[];
}

export async function openMail(
  config: Config,
  { db, clock, log, own, observers }: MailDeps,
): Promise<{ readonly mailer: Mailer; readonly mails: MailRecord }> {
  const mails = createMailRecord({ db, clock });
  const sending = own ?? (await configuredMailer(config, db, clock));
  const watched = observers.reduce((inner, observer) => observer.mailer(inner), sending);
  return { mailer: recordMails(watched, { record: mails, log }), mails };
}

/** What mail services report, by requests of theirs. */
export function openMailEvents(
  config: Config,
  parts: Pick<MailDeps, "clock" | "log"> & { readonly mails: MailRecord },
): MailEvents {
  return createMailEvents({ ...config, ...parts, http: outgoingHttp(config.outgoingProxy) });
}

async function configuredMailer(config: Config, db: Db, clock: Clock): Promise<Mailer> {
  if (config.mailUrl === null) return createMailboxMailer({ db, clock });
  const { openMailer } = await import("../engines/mail/open-mailer.ts");
  return openMailer({
    ...{ url: config.mailUrl, from: config.emailFrom, maxConnections: config.smtpConnections },
    ...{ http: outgoingHttp(config.outgoingProxy), clock },
  });
}

export interface MailJobDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly users: Users;
  readonly mailer: Mailer;
  readonly codeOf: CodeOf;
  readonly tokens: InvitationTokens;
  readonly disownToken: SecurityNoticeDeps["disownToken"];
  readonly lostFactorToken: SecurityNoticeDeps["lostFactorToken"];
  readonly renderMail: RenderMail;
  readonly domainProblem: EmailDomainProblem;
  readonly secretKeys: SecretKeys;
}

/** How mails are written: as the settings have it, and `own` of an embedding program in place of that. */
export function openRenderer(config: Config, own: OwnMails | undefined): RenderMail {
  return withOwnMails(createMailRenderer(config), own);
}

/** Every job that sends a mail. */
export function mailJobs(config: Config, deps: MailJobDeps): readonly JobDefinition[] {
  const { db, clock, users, codeOf } = deps;
  const ways = {
    mailer: deps.mailer,
    renderMail: deps.renderMail,
    siteUrl: config.publicSiteUrl,
  };
  return [
    verificationMail({
      ...ways,
      codeOf,
      codeLifeSeconds: config.codeLifeSeconds,
      mayRegister: config.signUpMode === "open",
      addressHasAccount: async (email) => (await users.byEmail(email)) !== null,
      signInRefusal: async (email) => {
        const owner = await users.byEmail(email);
        if (owner !== null) return owner.email_verified === 1 ? null : "unconfirmed";
        return config.signUpMode !== "closed" &&
          config.signUpBy.includes("email") &&
          deps.domainProblem(email) === null
          ? null
          : "no_account";
      },
    }),
    securityNotice({
      ...{ ...ways, db, hasPendingEmails: config.contract === "classic" },
      ...{ disownToken: deps.disownToken, lostFactorToken: deps.lostFactorToken },
    }),
    accountMade({ ...ways, users }),
    invitationMail({ ...ways, db, clock, tokens: deps.tokens }),
    emailLinkMail({ ...ways, links: createEmailLinks(deps.secretKeys) }),
  ];
}
