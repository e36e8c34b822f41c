import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { migrate } from "../engines/database/migrate.ts";
import { moveData, releaseSource } from "../engines/database/move-data.ts";
import { explainMove } from "../engines/database/move-trouble.ts";
import { openPostgres } from "../engines/database/postgres.ts";
import { ToldError } from "../errors/told-error.ts";
import { systemClock } from "../kernel/clock.ts";

const usage = `Usage: npm run move-data -- --from sqlite:./data/meiduo.sqlite3 --to postgres://user@host/name
       npm run move-data -- --release --from sqlite:./data/meiduo.sqlite3
From its start on the source refuses to be written; stop the site first, or it answers 503 meanwhile. Run it again after
an interruption: it goes on where it stopped. --release lets the source be written again, to go on without the copy.
把内嵌数据库的全部数据搬到 PostgreSQL：开始后源库拒绝写入，请先停站（否则期间回答 503）；中断后重复执行同一命令即可继续。
--release 放弃搬移，让源库恢复写入。
`;

export interface Terminal {
  write(text: string): void;
  /** Whether a line can be written over. */
  readonly isTTY: boolean;
}

/** `npm run move-data`. Returns the exit code. */
export async function moveDataCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    terminal.write(usage);
    return 0;
  }
  const asked = readAsked(args);
  if (asked === null) {
    terminal.write(usage);
    return 2;
  }
  const { sourceFile, targetUrl } = asked;
  requireSource(sourceFile);
  if (targetUrl === null) return release(sourceFile, terminal);
  const target = openPostgres({ url: targetUrl, poolSize: 1, connectionTimeoutMillis: 5000 });
  try {
    await migrate(target, systemClock);
  } catch (error) {
    throw explainMove(error, { sourceFile, targetUrl }, "unmarked");
  } finally {
    await target.close();
  }

  const progress = progressBar(terminal);
  const moved = await moveData({ sourceFile, targetUrl, progress });
  terminal.write("\n");
  for (const { table, rows, checksum } of moved) {
    terminal.write(
      `${table.padEnd(24)} ${String(rows).padStart(10)} rows  sha256 ${checksum.slice(0, 16)}\n`,
    );
  }
  terminal.write(
    "Everything is there and equal; the source refuses writes from now on. Set DATABASE_URL and start. 数据已全部搬移并核对一致，源库不再接受写入：请设置 DATABASE_URL 后启动。\n",
  );
  return 0;
}

interface Asked {
  readonly sourceFile: string;
  /** Null for --release. */
  readonly targetUrl: string | null;
}

/** Null where the arguments are none of the two usages. */
function readAsked(args: readonly string[]): Asked | null {
  const options = { from: { type: "string" }, to: { type: "string" }, release: { type: "boolean" } } as const;
  try {
    const { from, to, release } = parseArgs({ args: [...args], options }).values;
    if (!from?.startsWith("sqlite:")) return null;
    const sourceFile = from.slice("sqlite:".length).replace(/^\/\//, "");
    if (release) return to === undefined ? { sourceFile, targetUrl: null } : null;
    return to !== undefined && /^postgres(ql)?:\/\//.test(to) && URL.canParse(to)
      ? { sourceFile, targetUrl: to }
      : null;
  } catch {
    return null;
  }
}

function release(sourceFile: string, terminal: Terminal): number {
  const mark = releaseSource(sourceFile);
  terminal.write(
    mark === null
      ? "The source has no mark; nothing was changed. 源库没有搬移标记，没有任何改动。\n"
      : `The source takes writes again; don't start on the copy in ${mark.target} any more. 源库已恢复写入，${mark.target} 中的副本不要再使用。\n`,
  );
  return 0;
}

/** SQLite would make the file that it does not find, and the target would be given an empty site. */
function requireSource(file: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const path = resolve(file);
  throw new ToldError(
    `没有 ${path} 这个数据库文件：请检查 --from，没有任何改动。`,
    `There is no database file ${path}: check --from. Nothing was changed.`,
  );
}

function progressBar(terminal: Terminal) {
  let lastPart = "";
  return (step: "copy" | "compare", table: string, rows: number, total: number) => {
    const share = total === 0 ? 1 : Math.min(1, rows / total);
    const part = `${step} ${table} ${Math.floor(share * (terminal.isTTY ? 100 : 4))}`;
    if (part === lastPart) return;
    lastPart = part;
    const bar = "#".repeat(Math.round(share * 24)).padEnd(24, "-");
    const text = `${step.padEnd(8)}${table.padEnd(22)} [${bar}] ${String(Math.floor(share * 100)).padStart(3)}%  ${rows}/${total}`;
    terminal.write(terminal.isTTY ? `\r\u001b[2K${text}` : `${text}\n`);
  };
}
