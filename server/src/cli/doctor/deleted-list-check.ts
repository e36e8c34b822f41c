import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../../config/config.ts";
import { ToldError } from "../../errors/told-error.ts";
import { readDeletedList } from "../../rights/deleted-list.ts";
import { type Diagnosis, fail, ok } from "./diagnosis.ts";

/** Whether the list by which a restore erases again can be kept. Prints nothing before the first start, which makes the folder. */
export function checkDeletedList({ deletedAccountsFile: file }: Config): Diagnosis[] {
  if (file === null || !existsSync(dirname(file))) return [];
  try {
    const list = readDeletedList(file);
    accessSync(dirname(file), constants.W_OK);
    const count = list?.deleted.length ?? 0;
    return [
      ok(
        "deleted-accounts",
        `已注销账号的名单 ${file}：${count} 个。`,
        `The list of erased accounts, ${file}: ${count}.`,
      ),
    ];
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const { zh, en } = error instanceof ToldError ? error : { zh: `${text}。`, en: `${text}.` };
    return [
      fail(
        "deleted-accounts",
        `无法保存已注销账号的名单 ${file}：${zh} 恢复备份后这些账号会重新出现。请修正 DELETED_ACCOUNTS_FILE 或目录权限。`,
        `The list of erased accounts can't be kept in ${file}: ${en} After a restore those accounts would be back. Set DELETED_ACCOUNTS_FILE right, or let the folder be written.`,
      ),
    ];
  }
}
