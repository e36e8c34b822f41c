import { join, resolve } from "node:path";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { integer, optionalText } from "../kernel/settings/variable.ts";

/** What people may ask of their own data. */
export interface RightsSettings {
  /** From asking for an account's deletion to its erasure; 0 = at once. */
  readonly deletionGraceDays: number;
  /** Where the ids of erased accounts are kept beside the database; null for nowhere. */
  readonly deletedAccountsFile: string | null;
}

export const rightsSettings = defineSettings({
  variables: {
    DELETION_GRACE_DAYS: integer(
      7,
      { min: 0, max: 15 },
      {
        zh: "申请注销账号后多少天清除数据，其间登录并确认即可撤销；0 表示立即清除，不能撤销。法规对答复的期限是 15 个工作日。",
        en: "Days from asking for an account's deletion to its erasure, in which its owner may log in and cancel; 0: at once, and nothing can be cancelled. Chinese rules allow 15 working days.",
      },
    ),
    DELETED_ACCOUNTS_FILE: optionalText({
      fallbackText: "DATA_DIR/deleted-accounts.json",
      zh: "已注销账号的编号名单，保存在数据库之外，恢复备份时据此再次清除；处理任务的每台机器各有一份。none 表示不保存。",
      en: "The list of erased accounts' ids, kept outside the database: a restore erases by it again who went since. Every machine that does jobs has one. none: no list.",
    }),
  },
  settings: (env, { dataDir }): RightsSettings => ({
    deletionGraceDays: env.DELETION_GRACE_DAYS,
    deletedAccountsFile: listFile(env.DELETED_ACCOUNTS_FILE, dataDir),
  }),
  inForce: ({ deletedAccountsFile }) => ({ DELETED_ACCOUNTS_FILE: deletedAccountsFile ?? "none" }),
});

function listFile(given: string | null, dataDir: string): string | null {
  if (given === "none") return null;
  return given === null ? join(dataDir, "deleted-accounts.json") : resolve(given);
}
