import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { type Command, defineCommand, show } from "./command/command.ts";
import { contentLine } from "./terminal/content-line.ts";
import { showProgress } from "./terminal/progress.ts";
import { UsageError } from "./terminal/read-arguments.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** Carries an embedded database over to PostgreSQL, or takes the mark of a move off again. */
export const moveData: Command = defineCommand({
  name: "move-data",
  group: "move",
  needs: "nothing",
  npmScript: true,
  json: true,
  zh: "把内嵌数据库的全部数据搬到 PostgreSQL",
  en: "carries a grown embedded site over to PostgreSQL",
  options: {
    from: {
      type: "string",
      required: true,
      value: { zh: "sqlite:<文件>", en: "sqlite:<file>" },
      zh: "内嵌数据库的文件",
      en: "the file of the embedded database",
    },
    to: {
      type: "string",
      value: "postgres://<user>@<host>/<name>",
      zh: "目标数据库",
      en: "the database to fill",
    },
    release: {
      type: "boolean",
      zh: "代替 --to：放弃搬移，让源库恢复写入",
      en: "instead of --to: takes the mark of a move off again, so that the old database can be used",
    },
  },
  details: {
    zh: `开始后源库拒绝写入，请先停站（否则期间回答 503）；中断后重复执行同一命令即可继续。
例：--from sqlite:./data/meiduo.sqlite3 --to postgres://user@host/name`,
    en: `From the start of the move the source refuses writes. Stop the site first, or it answers 503 meanwhile.
After an interruption run it again: it goes on where it stopped.
Example: --from sqlite:./data/meiduo.sqlite3 --to postgres://user@host/name`,
  },
  check({ values: { from, to, release } }) {
    const file = fileOf(from);
    if (file === null) {
      throw new UsageError("--from 的形式是 sqlite:<文件>。", "--from is sqlite:<file>.");
    }
    if (release && to !== undefined) {
      throw new UsageError("--release 与 --to 只能写一个。", "It takes --to or --release, not both.");
    }
    if (!release && (to === undefined || !/^postgres(ql)?:\/\//.test(to) || !URL.canParse(to))) {
      throw new UsageError(
        "--to 的形式是 postgres://用户@主机/数据库。",
        "--to is postgres://user@host/name.",
      );
    }
    requireFile(file);
  },
  async run({ terminal, clock }, { values: { from, to }, json }) {
    const sourceFile = fileOf(from) as string;
    if (to === undefined) await release(sourceFile, terminal, json);
    else await move({ sourceFile, targetUrl: to, clock }, terminal, json);
    return 0;
  },
});

function fileOf(from: string): string | null {
  return from.startsWith("sqlite:") ? from.slice("sqlite:".length).replace(/^\/\//, "") : null;
}

/** SQLite would make the file that it does not find, and the target would be given an empty site. */
function requireFile(file: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const path = resolve(file);
  throw new UsageError(
    `没有 ${path} 这个数据库文件：请检查 --from，没有任何改动。`,
    `There is no database file ${path}: check --from. Nothing was changed.`,
  );
}

async function move(
  { sourceFile, targetUrl, clock }: { sourceFile: string; targetUrl: string; clock: Clock },
  terminal: Terminal,
  json: boolean,
): Promise<void> {
  const [{ moveData: carry }, { openPostgres }, { migrate }, { explainMove }] = await Promise.all([
    import("../engines/database/move-data.ts"),
    import("../engines/database/postgres.ts"),
    import("../engines/database/migrate.ts"),
    import("../engines/database/move-trouble.ts"),
  ]);
  const target = openPostgres({ url: targetUrl, poolSize: 1, connectionTimeoutMillis: 5000 });
  try {
    await migrate(target, clock);
  } catch (error) {
    throw explainMove(error, { sourceFile, targetUrl }, "unmarked");
  } finally {
    await target.close();
  }
  const progress = showProgress(terminal, json);
  const tables = await carry({ sourceFile, targetUrl, progress: progress.ofRows }).finally(progress.end);
  show(terminal, json, { tables }, [...tables.map(contentLine), done[terminal.language]].join("\n"));
}

const done = {
  zh: "数据已全部搬移并核对一致，源库不再接受写入：请设置 DATABASE_URL 后启动。",
  en: "Everything is there and equal; the source refuses writes from now on. Set DATABASE_URL and start.",
} as const;

async function release(sourceFile: string, terminal: Terminal, json: boolean): Promise<void> {
  const { releaseSource } = await import("../engines/database/move-data.ts");
  const mark = releaseSource(sourceFile);
  const target = mark?.target ?? null;
  const texts =
    target === null
      ? { zh: "源库没有搬移标记，没有任何改动。", en: "The source has no mark; nothing was changed." }
      : {
          zh: `源库已恢复写入，${target} 中的副本不要再使用。`,
          en: `The source takes writes again; don't start on the copy in ${target} any more.`,
        };
  show(terminal, json, { released: target }, texts[terminal.language]);
}
