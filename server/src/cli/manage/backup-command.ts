import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Manifest } from "../../engines/database/backup-file.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { ConfigContext, KeyedConfig } from "../command/contexts.ts";
import { contentLine } from "../terminal/content-line.ts";
import { type Progress, showProgress } from "../terminal/progress.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { CommandFailure, type Terminal } from "../terminal/terminal.ts";

/** One file with the whole database, of either engine, written while the site runs. */
export const backup: Command = defineCommand({
  name: "backup",
  group: "look",
  needs: "config",
  json: true,
  words: { zh: "<文件>", en: "<file>" },
  zh: "备份整个数据库到一个文件，网站可以继续运行",
  en: "writes the whole database to one file, while the site runs",
  options: {
    "with-key": {
      type: "boolean",
      zh: "把 SECRET_KEY 也放进备份",
      en: "puts the SECRET_KEY into it, too",
    },
    check: {
      type: "boolean",
      zh: "不备份，只检查已有的备份是否完整",
      en: "writes nothing: reads a backup and says whether it is whole",
    },
  },
  details: {
    zh: `SQLite 和 PostgreSQL 的备份是同一种文件，都用 restore 恢复，可以恢复到另一种数据库。
文件只有所有者可读：其中有密码哈希和地址，请像数据库一样保管。Redis 不在备份中，恢复时会清空。
例：backup /backup/accounts-2026-11-28.sqlite3`,
    en: `Backups of SQLite and PostgreSQL are the same kind of file; restore takes either, into either.
Only its owner can read it. It holds password hashes and addresses: keep it as you keep the database.
Redis is not in it; a restore empties Redis.
Example: backup /backup/accounts-2026-11-28.sqlite3`,
  },
  check({ values }) {
    if (values.check && values["with-key"]) {
      throw new UsageError("--check 与 --with-key 只能写一个。", "It takes --check or --with-key, not both.");
    }
  },
  async run(context, { words: [name = ""], values, json }) {
    const { terminal } = context;
    const file = context.path(name);
    const progress = showProgress(terminal, json);
    const made = values.check ? check(file, progress) : write(context, file, values["with-key"], progress);
    const manifest = await made.finally(progress.end);
    const result = { file, sha256: await digestOfFile(file), ...manifest };
    show(terminal, json, result, text(terminal, result));
    return 0;
  },
});

async function check(file: string, progress: Progress): Promise<Manifest> {
  const { readBackup } = await import("../../engines/database/backup-file.ts");
  return readBackup(file, progress.ofRows).manifest;
}

async function write(
  context: ConfigContext,
  file: string,
  withKey: boolean,
  progress: Progress,
): Promise<Manifest> {
  const { clock } = context;
  const [{ makeBackup }, { requireDatabaseFile }, { explained }, { programVersion }, { explainOutput }] =
    await Promise.all([
      import("../../engines/database/make-backup.ts"),
      import("../../engines/database/database-in-use.ts"),
      import("../../engines/database/postgres-trouble.ts"),
      import("../../process/program-version.ts"),
      import("../terminal/output-file.ts"),
    ]);
  const config = context.completeConfig("look");
  requireDatabaseFile(config);
  const secretKey = withKey ? await keyOf(context, config) : null;
  return explained(config, () =>
    makeBackup({
      ...{ database: config.database, file, clock, secretKey },
      ...{ program: programVersion(), progress: progress.ofRows },
    }),
  ).catch((error: unknown) => {
    throw explainOutput(error, file);
  });
}

/** Never one that was made up for this run. */
async function keyOf({ source }: ConfigContext, config: KeyedConfig): Promise<string> {
  const { readSecretKey } = await import("../../installation/secrets.ts");
  if (source.SECRET_KEY || readSecretKey(config.dataDir) !== null) return config.secretKey;
  throw new CommandFailure("没有找到 SECRET_KEY，无法放进备份。", "There is no SECRET_KEY to put into it.");
}

async function digestOfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function text(
  { language }: Terminal,
  {
    file,
    sha256,
    tables,
    madeAt,
    program,
    schemaLevel,
    holdsKey,
  }: Manifest & { file: string; sha256: string },
): string {
  const key = holdsKey
    ? {
        zh: "其中有 SECRET_KEY：请像密钥一样保管。",
        en: "It holds the SECRET_KEY: keep it as you keep that.",
      }
    : {
        zh: "其中没有 SECRET_KEY：请另外保管（环境变量，或 DATA_DIR/secret-key）。",
        en: "It does not hold the SECRET_KEY: keep that too (the variable, or DATA_DIR/secret-key).",
      };
  return [
    ...tables.map(contentLine),
    `${file}  ${madeAt}  ${program}  schema ${schemaLevel}`,
    `sha256 ${sha256}`,
    key[language],
  ].join("\n");
}
