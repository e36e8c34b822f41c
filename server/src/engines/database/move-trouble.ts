import { AppError } from "../../errors/errors.ts";
import { ToldError } from "../../errors/told-error.ts";
import { nameTarget } from "./move-mark.ts";
import { translated } from "./postgres-errors.ts";
import { explainPostgres } from "./postgres-trouble.ts";

/** What a move that failed left of the source: as it was, as it was again, or refusing writes. */
export type SourceState = "unmarked" | "released" | "marked";

interface Ends {
  readonly sourceFile: string;
  readonly targetUrl: string;
}

/** What an operator can put right in a sentence, with what became of the source; anything unforeseen as it is. */
export function explainMove(error: unknown, ends: Ends, source: SourceState): unknown {
  const told = foreseen(error, ends);
  if (told === null) return error;
  const { zh, en } = afterwards[source];
  return new ToldError(`${told.zh}${zh}`, `${told.en}${en}`);
}

const afterwards: Record<SourceState, { readonly zh: string; readonly en: string }> = {
  unmarked: { zh: "", en: "" },
  released: { zh: "源库已恢复写入。", en: " The source takes writes again." },
  marked: {
    zh: "源库仍拒绝写入：重新执行同一条命令继续，或用 --release 放弃搬移。",
    en: " The source still refuses writes: run the same command to go on, or give up with --release.",
  },
};

function foreseen(error: unknown, { sourceFile, targetUrl }: Ends): ToldError | null {
  if (error instanceof ToldError) return error;
  const { code, errcode, message } = (error ?? {}) as { code?: string; errcode?: number; message?: string };
  if (code === "ERR_SQLITE_ERROR") return ofSource(sourceFile, (errcode ?? 0) & 0xff, message ?? "");
  if (code === "ENOENT" || code === "EACCES") return ofSource(sourceFile, 14, message ?? "");
  const explained = explainPostgres(error, targetUrl);
  if (explained !== null) return explained;
  if (translated(error) instanceof AppError) return lostTarget(targetUrl, error);
  // Any other answer of the server: SQLSTATE has five characters.
  return /^[0-9A-Z]{5}$/.test(code ?? "") ? refusingTarget(targetUrl, message ?? "") : null;
}

/** Primary result codes: https://www.sqlite.org/rescode.html */
function ofSource(file: string, result: number, message: string): ToldError {
  switch (result) {
    case 5:
      return new ToldError(
        `源库 ${file} 被另一个程序锁住超过 5 秒（备份、sqlite3，或另一个 move-data）：请等它结束后重试。`,
        `The source ${file} was locked by another program for more than 5 s (a backup, sqlite3, another move-data): wait until it has ended and try again.`,
      );
    case 11:
    case 26:
      return new ToldError(
        `源文件 ${file} 已损坏或不是数据库：请检查 --from。`,
        `The source ${file} is damaged or not a database: check --from.`,
      );
    default:
      return new ToldError(
        `源库 ${file} 无法读写（${message}）：请检查路径、权限（标记源库需要写权限）和磁盘空间。`,
        `The source ${file} can't be read or written (${message}): check the path, the rights (the mark has to be written) and the disk.`,
      );
  }
}

function lostTarget(url: string, error: unknown): ToldError {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  const reason = cause?.message || message || "";
  return new ToldError(
    `目标库 ${nameTarget(url)} 连接不上或中途断开（${reason}）：请检查地址和 PostgreSQL，再重新执行同一条命令。`,
    `The target ${nameTarget(url)} can't be reached, or was lost (${reason}): check its address and PostgreSQL, then run the same command again.`,
  );
}

function refusingTarget(url: string, message: string): ToldError {
  return new ToldError(
    `目标库 ${nameTarget(url)} 拒绝写入（${message}）：请换一个空库（createdb）再执行。`,
    `The target ${nameTarget(url)} refused (${message}): take an empty database (createdb) and run it again.`,
  );
}
