import { type Command, defineCommand, show } from "../command/command.ts";
import { showProgress } from "../terminal/progress.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Restored } from "./restore.ts";

/** Makes the database of a backup the site's, or does what is left to do after a restore by other means. */
export const restore: Command = defineCommand({
  name: "restore",
  group: "look",
  needs: "config",
  json: true,
  words: { zh: "[<文件>]", en: "[<file>]" },
  confirm: {
    zh: "备份之后的账号和改动会丢失，所有人都要重新登录；请先停止所有进程，确认请加 --yes。",
    en: "Accounts and changes since the backup are lost, and everybody logs in again; stop every process, then add --yes.",
  },
  zh: "从备份恢复；全部令牌、验证码和待发邮件失效",
  en: "puts a backup back; every token, code and waiting mail ends",
  options: {
    after: {
      type: "boolean",
      zh: "代替文件：数据库已用其他方式恢复（pg_restore、快照），只做之后要做的事",
      en: "instead of a file: the database was put back by other means (pg_restore, a snapshot);\ndoes what is left to do then",
    },
    deleted: {
      type: "string",
      value: { zh: "<文件>", en: "<file>" },
      zh: "已注销账号的名单，默认 DELETED_ACCOUNTS_FILE；名单中的账号再次清除。\n没有名单时写 none",
      en: "the list of erased accounts, DELETED_ACCOUNTS_FILE by default: who is in it is erased again.\nnone where there is no list",
    },
    "new-key": {
      type: "boolean",
      zh: "备份时的 SECRET_KEY 已丢失或泄露：今后使用现在的",
      en: "the SECRET_KEY of the backup is lost or was stolen: the present one is used from now on",
    },
  },
  details: {
    zh: `数据库正被使用时拒绝执行。内嵌数据库原来的文件会保留在旁边。PostgreSQL 须为空库（createdb）。
Redis 中属于本系统的键会清空。备份比本程序旧时，结构会升级；比本程序新时拒绝。`,
    en: `It refuses while the database is in use. An embedded database's old file is kept beside the new one; a
PostgreSQL database has to be an empty one (createdb). What this installation keeps in Redis is removed.
An older backup is brought up to date; a newer program's is refused.`,
  },
  check({ words: [file], values }) {
    if (values.after !== (file === undefined)) {
      throw new UsageError(
        "请写备份文件或 --after，二者选一。",
        "It takes the file of a backup, or --after.",
      );
    }
  },
  async run(context, { words: [name], values, json }) {
    const { restoreBackup, finishRestore } = await import("./restore.ts");
    const isNewKey = values["new-key"];
    const { deleted } = values;
    const list = deleted === undefined || deleted === "none" ? deleted : context.path(deleted);
    const progress = showProgress(context.terminal, json);
    const restoring =
      name === undefined
        ? finishRestore(context, { isNewKey, list })
        : restoreBackup(context, { file: context.path(name), isNewKey, list, progress: progress.ofRows });
    const restored = await restoring.finally(progress.end);
    show(context.terminal, json, restored, text(context.terminal, restored));
    return 0;
  },
});

function text({ language }: Terminal, restored: Restored): string {
  const { accounts, entries, jobs, redisKeys, kept, keyWritten, erasedAgain: again, joinedAgain } = restored;
  const zh = [
    `已恢复 ${accounts} 个账号；此前的全部令牌、验证码失效，清除 ${entries + redisKeys} 个临时条目和 ${jobs} 个待办任务。`,
    ...(again?.erased ? [`备份之后注销的 ${again.erased} 个账号已再次清除。`] : []),
    ...(joinedAgain?.joined ? [`备份之后合并的 ${joinedAgain.joined} 个账号已再次合并。`] : []),
    ...(joinedAgain?.left.length
      ? [
          `这些账号在备份之后并入了别的账号，现在不能再次合并，仍然保留：${joinedAgain.left.join("、")}。见 docs/joining.zh.md。`,
        ]
      : []),
    ...(again?.others.length
      ? [`名单中的这些编号现在属于之后注册的人，没有清除：${again.others.join("、")}。`]
      : []),
    ...(kept === null ? [] : [`原来的数据库在 ${kept}，不再需要时请删除。`]),
    ...(keyWritten === null ? [] : [`SECRET_KEY 已写入 ${keyWritten}。`]),
    "现在可以启动。",
  ];
  const en = [
    `Restored ${accounts} accounts. Every token and code of before has ended; ${entries + redisKeys} short-lived entries and ${jobs} jobs were removed.`,
    ...(again?.erased
      ? [`${again.erased} accounts that were erased since the backup were erased again.`]
      : []),
    ...(joinedAgain?.joined
      ? [`${joinedAgain.joined} accounts that went into another one since the backup were joined again.`]
      : []),
    ...(joinedAgain?.left.length
      ? [
          `These accounts went into another one since the backup, can't be joined again now, and stay: ${joinedAgain.left.join(", ")} (docs/joining.md).`,
        ]
      : []),
    ...(again?.others.length
      ? [`These ids of the list are of people who signed up later, and stay: ${again.others.join(", ")}.`]
      : []),
    ...(kept === null ? [] : [`The database of before is ${kept}; delete it when you no longer need it.`]),
    ...(keyWritten === null ? [] : [`The SECRET_KEY was written to ${keyWritten}.`]),
    "Start now.",
  ];
  return (language === "zh" ? zh : en).join("\n");
}
