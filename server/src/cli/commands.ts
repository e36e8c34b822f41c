import type { Command } from "./command/command.ts";
import { projectCommands } from "./project-commands.ts";

/**
 * The command line: every command by its name. A command's file is loaded only when it is called, so that no command
 * waits for another's modules. A new command is its file and its line here.
 */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./run/run-commands.ts")).start,
  serve: async () => (await import("./run/run-commands.ts")).serve,
  web: async () => (await import("./run/run-commands.ts")).web,
  work: async () => (await import("./run/run-commands.ts")).work,
  migrate: async () => (await import("./run/migrate-command.ts")).migrate,
  "check-config": async () => (await import("./manage/check-config-command.ts")).checkConfig,
  doctor: async () => (await import("./manage/doctor-command.ts")).doctor,
  overview: async () => (await import("./manage/overview-command.ts")).overview,
  mail: async () => (await import("./manage/mail-command.ts")).mail,
  sms: async () => (await import("./manage/sms-command.ts")).sms,
  texts: async () => (await import("./manage/texts-command.ts")).texts,
  jobs: async () => (await import("./jobs-command.ts")).jobs,
  installation: async () => (await import("./manage/installation-command.ts")).installation,
  backup: async () => (await import("./manage/backup-command.ts")).backup,
  restore: async () => (await import("./manage/restore-command.ts")).restore,
  audit: async () => (await import("./manage/audit-command.ts")).auditCommand,
  "privacy-page": async () => (await import("./manage/privacy-page-command.ts")).privacyPage,
  "verify-audit": async () => (await import("./manage/verify-audit-command.ts")).verifyAudit,
  createsuperuser: async () => (await import("./manage/superuser-command.ts")).addSuperuser,
  changepassword: async () => (await import("./manage/password-command.ts")).changePassword,
  passwords: async () => (await import("./manage/breached-command.ts")).passwords,
  user: async () => (await import("./manage/user-command.ts")).user,
  users: async () => (await import("./manage/users-command.ts")).users,
  "second-factor": async () => (await import("./manage/second-factor-command.ts")).secondFactor,
  "data-requests": async () => (await import("./manage/data-requests-command.ts")).dataRequests,
  group: async () => (await import("./manage/group-command.ts")).group,
  permission: async () => (await import("./manage/permission-command.ts")).permission,
  deny: async () => (await import("./manage/deny-command.ts")).deny,
  impersonation: async () => (await import("./manage/impersonation-command.ts")).impersonationCommand,
  "log-ins": async () => (await import("./manage/log-ins-command.ts")).logIns,
  unlock: async () => (await import("./manage/unlock-command.ts")).unlock,
  invite: async () => (await import("./manage/invite-command.ts")).invite,
  service: async () => (await import("./manage/service-command.ts")).service,
  webhooks: async () => (await import("./manage/webhooks-command.ts")).webhooks,
  providers: async () => (await import("./manage/providers-command.ts")).providers,
  keys: async () => (await import("./manage/keys-command.ts")).keys,
  tokens: async () => (await import("./manage/tokens-command.ts")).tokens,
  "import-django": async () => (await import("./manage/import-command.ts")).importCommand,
  "export-django": async () => (await import("./manage/export-command.ts")).exportCommand,
  "sync-django": async () => (await import("./manage/sync-command.ts")).syncCommand,
  "move-data": async () => (await import("./move-data-command.ts")).moveData,
  ...Object.fromEntries(projectCommands.map((command) => [command.name, async () => command])),
};

export const commandNames = Object.keys(loaders);

/** The command of this name, or null. */
export async function findCommand(name: string): Promise<Command | null> {
  return Object.hasOwn(loaders, name) ? (loaders[name] as () => Promise<Command>)() : null;
}

/** All of them, in the table's order: for help, documents and tests. */
export function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(loaders).map((load) => load()));
}
