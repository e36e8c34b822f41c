/**
 * What `import … from "meiduo-accounts"` has, and all of it: `exports` of the package closes the rest. These names and what
 * their documentation promises follow semantic versions: a change that breaks a program comes with a new major version,
 * before 1.0 with a new minor one, and is in CHANGELOG.md. docs/embed.md lists them (guard: public-surface.test.ts).
 */

export type { App, AppOverrides } from "../app/app-interface.ts";
// A third party to log in by.
export type { OwnProvider } from "../app/identities.ts";
export type { KeyedConfig as Config } from "../cli/command/contexts.ts";
export { PermanentFailure } from "../engines/jobs/jobs.ts";
// Mail by another way than SMTP.
export { type Mailer, MailFailure, type OutgoingMail } from "../engines/mail/mail.ts";
// Mails of the program's own, in place of ours.
export type { MailToWrite, OwnMails } from "../engines/mail/templates/own-mails.ts";
export type { OutgoingSms, SmsSender } from "../engines/sms/sms.ts";
export { ConfigError, type ConfigProblem } from "../errors/config-problem.ts";
export { AppError, declareErrors, type FieldProblem, invalidFields } from "../errors/errors.ts";
export { ToldError } from "../errors/told-error.ts";
// What the program is asked before a sign-up, a session and a token.
export type { Claims, Hooks, SessionEvent, SignUpEvent, Verdict } from "../hooks/hook-events.ts";
// In routes of the program's own: who asks, and refusals in both languages.
export {
  type Authenticator,
  type CallingService,
  type Client,
  type CurrentUser,
  userOf,
} from "../http/authentication.ts";
export { accessToken, identifier, jsonObject } from "../identities/providers/answer.ts";
export { defineProvider, type ProviderFacts } from "../identities/providers/define-provider.ts";
export type { ProviderDefinition } from "../identities/providers/definition.ts";
export type { Imitation } from "../identities/providers/imitation.ts";
export { cleanProfile } from "../identities/providers/profile.ts";
export {
  CodeRefused,
  type Identity,
  type Profile,
  type ProviderClient,
  type ProviderSettings,
  ProviderTrouble,
} from "../identities/providers/provider.ts";
export type { Upstream } from "../identities/providers/upstream.ts";
export { type Clock, systemClock } from "../kernel/clock.ts";
export { constantTimeEqual } from "../kernel/constant-time.ts";
export { createLog, type Log } from "../kernel/log.ts";
export type { PermissionDeclaration } from "../permissions/declared-permissions.ts";
export type { EmbedContext, RunningServer, ServerOptions } from "./program.ts";
// To start: settings, the API alone, everything.
export { createApp, loadConfig, startServer } from "./program.ts";
