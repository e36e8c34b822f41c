import type { Config, Source } from "../config/config.ts";
import type { Database } from "../engines/database/database.ts";
import type { Command } from "./command/command.ts";
import type {
  AppContext,
  ConfigContext,
  Contexts,
  KeyedConfig,
  ManageContext,
  Shell,
} from "./command/contexts.ts";
import type { DatabaseUse } from "./command-config.ts";
import { operatorActor } from "./terminal/operator-actor.ts";

/** What is behind the needs of the table; tests put their own here. */
export interface Openers {
  readonly loadConfig: (source: Source) => Promise<Config>;
  readonly completeConfig: (config: Config, use: DatabaseUse) => KeyedConfig;
  readonly openDatabase: (config: Config) => Database;
}

export interface Opened {
  readonly context: Contexts[keyof Contexts];
  close(): Promise<void>;
}

/** Opens what a command needs, and no more. Throws ConfigError, ToldError. */
export async function openContext(
  { needs, makesDatabase }: Pick<Command, "needs" | "makesDatabase">,
  shell: Shell,
  openers: Openers,
): Promise<Opened> {
  const { source, terminal } = shell;
  if (needs === "nothing") return { context: shell, close: async () => {} };
  const read = await openers.loadConfig(source);
  if (needs === "config") {
    const completeConfig: ConfigContext["completeConfig"] = (use) => openers.completeConfig(read, use);
    const context: ConfigContext = { ...shell, completeConfig };
    return { context, close: async () => {} };
  }
  const config = openers.completeConfig(read, makesDatabase ? "make" : "existing");
  if (needs === "app") return openApp(shell, config);
  const { databaseLine } = await import("../engines/database/database-in-use.ts");
  if (makesDatabase) terminal.note(databaseLine(config));
  return openServices(shell, config, openers.openDatabase(config), makesDatabase === true);
}

async function openApp(shell: Shell, config: KeyedConfig): Promise<Opened> {
  const { migrateDatabase } = await import("../app/engines.ts");
  // Before the app, which reads tables that an older schema lacks.
  await migrateDatabase(config, shell.clock, { existing: true });
  const { createApp } = await import("../app/app.ts");
  const { createLog } = await import("../kernel/log.ts");
  const app = await createApp({ config, log: createLog("error") });
  const context: AppContext = { ...shell, app, config, actor: operatorActor(shell.source) };
  return { context, close: () => app.close() };
}

async function openServices(
  shell: Shell,
  config: KeyedConfig,
  db: Database,
  mayMake: boolean,
): Promise<Opened> {
  try {
    const { clock, source } = shell;
    const [{ requireSchema }, { migrate }, { refuseUnfinished }, { explained }] = await Promise.all([
      import("../engines/database/database-in-use.ts"),
      import("../engines/database/migrate.ts"),
      import("../engines/database/move-target.ts"),
      import("../engines/database/postgres-trouble.ts"),
    ]);
    const { createPermissions } = await import("../permissions/permissions.ts");
    const permissions = createPermissions({ db });
    await explained(config, async () => {
      if (!mayMake) await requireSchema(config, db);
      await refuseUnfinished(db);
      await migrate(db, clock);
      await permissions.declare();
    });
    const { createLog } = await import("../kernel/log.ts");
    const { openPasswords } = await import("../app/passwords.ts");
    const opened = openPasswords(config, { clock, log: createLog("error") });
    const { createEventParts } = await import("../app/webhooks.ts");
    const { audit, events } = createEventParts({ db, clock, log: createLog("error") });
    const context: ManageContext = {
      ...{ ...shell, ...opened },
      ...{ config, db, permissions },
      users: (await import("../accounts/users.ts")).createUsers({ db, clock, events }),
      groups: (await import("../permissions/groups.ts")).createGroups({ db }),
      audit,
      events,
      actor: operatorActor(source),
    };
    const close = async () => {
      await opened.newPasswords.close();
      await db.close();
    };
    return { context, close };
  } catch (error) {
    await db.close();
    throw error;
  }
}
