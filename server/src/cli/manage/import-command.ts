import { createErasedNames } from "../../accounts/erased-names.ts";
import { createExtraFields } from "../../accounts/extra-fields.ts";
import { importDjango } from "../../django/import/import-django.ts";
import { openDjangoSource } from "../../django/sources/open-source.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { openErasedHere } from "../../rights/erased-here.ts";
import { type Command, defineCommand } from "../command/command.ts";
import { createOutput } from "../terminal/output-file.ts";
import { showProgress } from "../terminal/progress.ts";
import { addressOf } from "./aside-address.ts";
import { createReporter, summary } from "./import-report-lines.ts";

export const importCommand: Command = defineCommand({
  name: "import-django",
  group: "move",
  needs: "database",
  makesDatabase: true,
  json: true,
  zh: "从 Django 站点导入账号；默认只演练，加 --apply 才写入",
  en: "imports a Django site's accounts; a dry run unless --apply is given",
  words: { zh: "<来源>", en: "<source>" },
  options: {
    apply: {
      type: "boolean",
      zh: "写入；不加则只演练，报告相同",
      en: "write; without it nothing is written and the same is reported",
    },
    report: {
      type: "string",
      value: { zh: "<文件>", en: "<file>" },
      zh: "把每条发现写成 JSON 行，仅本人可读",
      en: "every finding as JSON lines, readable by you only",
    },
    "users-table": {
      type: "string",
      value: { zh: "<表名>", en: "<name>" },
      zh: "有多个表像 Django 的账号表时指定",
      en: "where several tables look like Django's users",
    },
    bindings: {
      type: "string",
      multiple: true,
      value: { zh: "<表名>=<第三方>", en: "<table>=<provider>" },
      zh: "某个表里是哪个第三方的绑定：tb_oauth=qq、weibo、github，\n微信 tb_wx=wechat:<appid>；可重复",
      en: "which provider's bindings a table holds: tb_oauth=qq, weibo or github;\nfor WeChat tb_wx=wechat:<appid>; repeat it for each table",
    },
    field: {
      type: "string",
      multiple: true,
      value: { zh: "<字段>=<列>", en: "<field>=<column>" },
      zh: "账号表的哪一列是 SIGN_UP_FIELDS 的哪个字段或昵称：company=company_name、\nnickname=nick；同名的列无须写出；可重复",
      en: "which column of the users table holds which field of SIGN_UP_FIELDS, or the nickname:\ncompany=company_name, nickname=nick; not needed where both have one name; repeat it",
    },
    "emails-confirmed": {
      type: "boolean",
      zh: "邮箱视为已验证（原站注册时已验证）",
      en: "take the addresses as confirmed, as the original's sign-up had confirmed them",
    },
    "numbers-proved": {
      type: "boolean",
      zh: "手机号视为已验证（原站注册时发过短信验证码），时间按最近一次登录计",
      en: "take the numbers as proved, as the original's sign-up had proved them by SMS: when the account last logged in",
    },
    update: {
      type: "boolean",
      zh: "再次导入时，更新原站有改动而在此没有动过的账号，\n删除原站已删除的绑定和组成员",
      en: "at a later import: take over what changed in the source of accounts nobody\ntouched here since, and remove the bindings and memberships that are gone there",
    },
    "disable-deleted": {
      type: "boolean",
      zh: "再次导入时，停用原站已删除而在此没有动过的账号",
      en: "at a later import: disable the untouched accounts that are gone there",
    },
  },
  details: {
    zh: `来源是 SQLite 文件、dumpdata 的 .json 或 .jsonl 文件（可以是 .gz）、mysql://用户:密码@主机/数据库、
postgres://用户:密码@主机/数据库，或 - 表示从标准输入读取地址（密码不出现在进程列表中）。
TLS：mysql://…?ssl-mode=VERIFY_IDENTITY&ssl-ca=证书文件，postgres://…?sslmode=verify-full
再次运行只补导原站新增的内容；中断后再运行会从中断处继续。`,
    en: `The source is a SQLite file, a dumpdata .json or .jsonl file (also .gz), mysql://user:password@host/database,
postgres://user:password@host/database, or - to read the address from standard input, which keeps its password
out of the process list. TLS: mysql://…?ssl-mode=VERIFY_IDENTITY&ssl-ca=<file>, postgres://…?sslmode=verify-full
Running it again brings only what the source has gained since; after an interruption it goes on where it was.`,
  },
  async run(
    { config, db, clock, passwords, terminal, audit, events, actor, path },
    { words: [source], values, json },
  ) {
    const given = await addressOf(terminal, source!);
    const dryRun = !values.apply;
    const erasedNames = createErasedNames(secretKeysOf(config));
    const erased = await openErasedHere(db, erasedNames, config.deletedAccountsFile);
    const reader = await openDjangoSource(given.includes("://") ? given : path(given));
    const reporter = createReporter(
      terminal,
      values.report === undefined ? null : createOutput(path(values.report)),
    );
    const progress = showProgress(terminal, json);
    try {
      const report = await importDjango(db, reader, {
        dryRun,
        usersTable: values["users-table"],
        bindingTables: values.bindings,
        fields: values.field,
        extraFields: createExtraFields(db, config.extraFields),
        isUsableHash: passwords.isUsable,
        emailsConfirmed: values["emails-confirmed"],
        numbersProved: values["numbers-proved"],
        update: values.update,
        disableDeleted: values["disable-deleted"],
        clock,
        events,
        erased,
        onFinding: reporter.note,
        onProgress: ({ step, done, total }) => progress.report(step, done, total),
      });
      progress.end();
      if (!dryRun) {
        const { users, groups, bindings, findings } = report;
        const { updated = 0, disabled_as_deleted: disabled = 0 } = findings;
        await audit.record(db, actor, {
          ...{ action: "system.import-django", targetKind: "system", targetId: 0, target: report.source },
          before: {},
          after: {
            users: users.imported,
            groups: groups.imported,
            bindings: bindings.imported,
            updated,
            disabled,
          },
        });
      }
      if (json) terminal.print(JSON.stringify(report));
      else for (const line of [...reporter.lines(), ...summary(terminal, report)]) terminal.print(line);
      return 0;
    } finally {
      progress.end();
      reporter.close();
      await reader.close();
    }
  },
});
