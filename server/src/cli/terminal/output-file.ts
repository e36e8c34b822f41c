import { fchmodSync, openSync } from "node:fs";
import { CommandFailure } from "./terminal.ts";

/** A file that a command writes for the operator: readable by its owner only, also where it was there before. */
export function createOutput(file: string): number {
  try {
    const descriptor = openSync(file, "w", 0o600);
    fchmodSync(descriptor, 0o600);
    return descriptor;
  } catch (error) {
    throw explainOutput(error, file);
  }
}

const reasons: Readonly<Record<string, { zh: string; en: string }>> = {
  ENOENT: { zh: "没有这个目录", en: "there is no such folder" },
  ENOTDIR: { zh: "它的上级不是目录", en: "its parent is not a folder" },
  EISDIR: { zh: "那是一个目录", en: "that is a folder" },
  EACCES: { zh: "没有写权限", en: "you may not write there" },
  EPERM: { zh: "没有写权限", en: "you may not write there" },
  EROFS: { zh: "那里只读", en: "it is read-only there" },
  ENOSPC: { zh: "磁盘已满", en: "the disk is full" },
  EDQUOT: { zh: "超出配额", en: "your quota is used up" },
};

/** The error of a file that could not be written, in words; any other as it is. */
export function explainOutput(error: unknown, file: string): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
  if (reason === undefined) return error;
  return new CommandFailure(`无法写入 ${file}：${reason.zh}。`, `${file} can't be written: ${reason.en}.`);
}
