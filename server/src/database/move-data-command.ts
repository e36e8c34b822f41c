import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../lib/clock.ts";
import { ToldError } from "../lib/told-error.ts";
import { migrate } from "./migrate.ts";
import { moveData } from "./move-data.ts";
import { openPostgres } from "./postgres.ts";

const usage = `Usage: npm run move-data -- --from sqlite:./data/meiduo.sqlite3 --to postgres://user@host/name
Stop the site first. Run it again after an interruption: it goes on where it stopped.
把内嵌数据库的全部数据搬到 PostgreSQL：先停站；中断后重复执行同一命令即可继续。
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
  let from: string | undefined;
  let to: string | undefined;
  try {
    const options = { from: { type: "string" }, to: { type: "string" } } as const;
    ({ from, to } = parseArgs({ args: [...args], options }).values);
  } catch {
    // Answered with the usage below.
  }
  if (!from?.startsWith("sqlite:") || !/^postgres(ql)?:\/\//.test(to ?? "")) {
    terminal.write(usage);
    return 2;
  }
  const sourceFile = from.slice("sqlite:".length).replace(/^\/\//, "");
  requireSource(sourceFile);
  const targetUrl = to as string;
  const target = openPostgres({ url: targetUrl, poolSize: 1, connectionTimeoutMillis: 5000 });
  await migrate(target, systemClock).finally(() => target.close());

  const progress = progressBar(terminal);
  const moved = await moveData({ sourceFile, targetUrl, progress });
  terminal.write("\n");
  for (const { table, rows, checksum } of moved) {
    terminal.write(
      `${table.padEnd(24)} ${String(rows).padStart(10)} rows  sha256 ${checksum.slice(0, 16)}\n`,
    );
  }
  terminal.write("Everything is there and equal. Set DATABASE_URL and start. 数据已全部搬移并核对一致。\n");
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
