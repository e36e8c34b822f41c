import { openSyncTarget } from "../../django/sync/open-target.ts";
import { type Conflict, type SyncReport, syncDjango } from "../../django/sync/sync-django.ts";
import { type Command, defineCommand } from "../command/command.ts";
import { showProgress } from "../terminal/progress.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { addressOf } from "./aside-address.ts";

const hourMillis = 3_600_000;

export const syncCommand: Command = defineCommand({
  name: "sync-django",
  group: "move",
  needs: "database",
  json: true,
  zh: "把新账号和改动写入旧 Django 服务的账号表；默认只演练，加 --apply 才写入",
  en: "writes new and changed accounts into an old Django service's table; a dry run unless --apply is given",
  words: { zh: "<目标>", en: "<target>" },
  options: {
    apply: {
      type: "boolean",
      zh: "写入；不加则只演练，报告相同",
      en: "write; without it nothing is written and the same is reported",
    },
    "changed-hours": {
      type: "string",
      value: "<n>",
      zh: "只看最近 n 小时内创建或改动的账号，用于定时运行",
      en: "only accounts made or changed in the last n hours, for runs by a timer",
    },
    "users-table": {
      type: "string",
      value: { zh: "<表名>", en: "<name>" },
      zh: "有多个表像 Django 的账号表时指定",
      en: "where several tables look like Django's users",
    },
    set: {
      type: "string",
      multiple: true,
      value: { zh: "<列>=<值>", en: "<column>=<value>" },
      zh: "新行中本产品不认识的列的值；可重复",
      en: "what a new row gets in a column that this product doesn't know; repeat it for each",
    },
    renames: {
      type: "boolean",
      zh: "在此改过用户名的人，旧表中也改名：那一行的名字须是此人在此用过、仍为其保留的",
      en: "rename those who changed their user name here, where the row has the name that they had and that is held for them",
    },
    hashes: {
      type: "boolean",
      zh: "写入密码散列，旧服务上仍可用密码登录；不加则写入不可用的密码",
      en: "write the password hashes, so that people can still log in there; without it an unusable password",
    },
  },
  details: {
    zh: `目标是 SQLite 文件、mysql://用户:密码@主机/数据库、postgres://用户:密码@主机/数据库，或 - 表示从标准输入读取地址。
编号和用户名都相同的行才会写入；只有其一相同的行不动，并逐一列出。不改动职员身份，不删除任何行。
可以重复运行：相同的不再写入，中断后再运行即可。`,
    en: `The target is a SQLite file, mysql://user:password@host/database, postgres://user:password@host/database, or - to read the
address from standard input. Only a row with the same id and the same user name is written to; one with the one and not
the other is left as it is and listed. Nobody's standing as staff is changed, and no row is deleted.
Run it as often as you like: what agrees is not written again, and after an interruption just run it again.`,
  },
  check({ values }) {
    const hours = values["changed-hours"];
    if (hours !== undefined && !/^[1-9]\d{0,4}$/.test(hours)) {
      throw new UsageError(
        "--changed-hours 请写 1 到 99999。",
        "--changed-hours is a number from 1 to 99999.",
      );
    }
    for (const one of values.set ?? []) {
      if (!/^\w+=/.test(one)) throw new UsageError("--set 的形式是 列=值。", "--set is column=value.");
    }
  },
  async run({ db, clock, passwords, terminal, audit, actor, path }, { words: [given], values, json }) {
    const address = await addressOf(terminal, given!);
    const hours = values["changed-hours"];
    const target = await openSyncTarget(address.includes("://") ? address : path(address));
    const progress = showProgress(terminal, json);
    try {
      const report = await syncDjango(db, target, {
        dryRun: !values.apply,
        usersTable: values["users-table"],
        hashes: values.hashes,
        renames: values.renames,
        since: hours === undefined ? 0 : clock.now() - Number(hours) * hourMillis,
        constants: Object.fromEntries((values.set ?? []).map(columnAndValue)),
        unusable: passwords.unusable,
        onProgress: (done, total) => progress.report("writing", done, total),
      });
      progress.end();
      const { added, updated, renamed } = report;
      // By a timer it runs often, and mostly finds nothing to do.
      if (values.apply && added + updated + renamed > 0) {
        await audit.record(db, actor, {
          ...{ action: "system.sync-django", targetKind: "system", targetId: 0, target: report.target },
          ...{ before: {}, after: { added, updated, renamed, hashes: values.hashes } },
        });
      }
      if (json) terminal.print(JSON.stringify(report));
      else for (const line of linesOf(terminal, report, values.apply)) terminal.print(line);
      return 0;
    } finally {
      progress.end();
      await target.close();
    }
  },
});

function columnAndValue(text: string): [string, string] {
  const end = text.indexOf("=");
  return [text.slice(0, end), text.slice(end + 1)];
}

const why: Readonly<Record<Conflict, { readonly zh: string; readonly en: string }>> = {
  id_is_anothers: { zh: "该编号在旧表中是", en: "there the id is of" },
  name_is_anothers: { zh: "该用户名在旧表中的编号是", en: "there the name is of" },
  name_too_long: {
    zh: "用户名超过旧表的 150 个字符",
    en: "the name has more than the 150 characters of the table",
  },
};

function linesOf({ language }: Terminal, report: SyncReport, isWritten: boolean): readonly string[] {
  const { target, accounts, added, updated, renamed, refused, conflicts } = report;
  const lines = conflicts.map(({ kind, id, username, there }) =>
    `#${id} ${username}: ${why[kind][language]} ${there}`.trimEnd(),
  );
  const more = refused > conflicts.length ? ["…"] : [];
  const done = {
    zh: `${isWritten ? "" : "演练，没有写入。"}${target}：账号 ${accounts}，新增 ${added}，更新 ${updated}，改名 ${renamed}，未写入（见上） ${refused}。`,
    en: `${isWritten ? "" : "A dry run, nothing was written. "}${target}: ${accounts} accounts, ${added} added, ${updated} updated, ${renamed} renamed, ${refused} refused (above).`,
  };
  return [...lines, ...more, done[language]];
}
