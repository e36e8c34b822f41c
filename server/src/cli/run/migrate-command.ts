import { type Command, defineCommand, show } from "../command/command.ts";

export const migrate: Command = defineCommand({
  name: "migrate",
  group: "run",
  needs: "config",
  npmScript: true,
  json: true,
  zh: "更新数据库结构；每次启动也会自动进行",
  en: "brings the database up to date; every start does so, too",
  async run({ terminal, clock, completeConfig }, { json }) {
    const config = completeConfig("make");
    const { migrateDatabase } = await import("../../app/engines.ts");
    const { databaseLine } = await import("../../engines/database/database-in-use.ts");
    terminal.note(databaseLine(config));
    const applied = await migrateDatabase(config, clock);
    const zh = terminal.language === "zh";
    const none = zh ? "数据库已是最新。" : "The database is up to date.";
    const text = `${zh ? "已执行：" : "Applied: "}${applied.join(", ")}`;
    show(terminal, json, { applied }, applied.length === 0 ? none : text);
    return 0;
  },
});
