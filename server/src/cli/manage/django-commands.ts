import { closeSync, renameSync, rmSync, writeSync } from "node:fs";
import {
  djangoHashLength,
  type ExportReport,
  exportDefaults,
  exportDjango,
} from "../../django/export/export-django.ts";
import { importDjango } from "../../django/import/import-django.ts";
import {
  type Finding,
  type FindingKind,
  findingKinds,
  type Tally,
} from "../../django/sources/import-report.ts";
import { openDjangoSource } from "../../django/sources/open-source.ts";
import { itemsOf } from "../../kernel/settings/variable.ts";
import { collectGarbage } from "../../process/start-memory.ts";
import { createOutput, explainOutput } from "../terminal/output-file.ts";
import { readArguments, UsageError } from "../terminal/read-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Command } from "./command.ts";

/** Findings of one kind that are printed; the rest is counted, and whole in --report. */
const printedPerKind = 20;

export const importCommand: Command = {
  usage:
    "import-django <source> [--apply] [--report <file>] [--users-table <name>] [--bindings <table>=<provider>] [--emails-confirmed] [--update] [--disable-deleted] [--json]",
  makesDatabase: true,
  zh: "从 Django 站点导入账号；默认只演练，加 --apply 才写入",
  en: "import a Django site's accounts; a dry run unless --apply is given",
  details: {
    zh: `  <source>            SQLite 文件、dumpdata 的 .json 或 .jsonl 文件（可以是 .gz）、mysql://用户:密码@主机/数据库、
                      postgres://用户:密码@主机/数据库，或 - 表示从标准输入读取地址（密码不出现在进程列表中）
                      TLS：mysql://…?ssl-mode=VERIFY_IDENTITY&ssl-ca=证书文件，postgres://…?sslmode=verify-full
  --apply             写入；不加则只演练，报告相同
  --report <文件>     把每条发现写成 JSON 行，仅本人可读
  --users-table       有多个表像 Django 的账号表时指定
  --bindings          某个表里是哪个第三方的绑定：tb_oauth=qq、weibo、github，微信 tb_wx=wechat:<appid>；可重复
  --emails-confirmed  邮箱视为已验证（原站注册时已验证）
  --update            再次导入时，更新原站有改动而在此没有动过的账号，删除原站已删除的绑定和组成员
  --disable-deleted   再次导入时，停用原站已删除而在此没有动过的账号
  再次运行只补导原站新增的内容；中断后再运行会从中断处继续。`,
    en: `  <source>            a SQLite file, a dumpdata .json or .jsonl file (also .gz), mysql://user:password@host/database,
                      postgres://user:password@host/database, or - to read the address from standard input
                      (so that its password stands in no process list)
                      TLS: mysql://…?ssl-mode=VERIFY_IDENTITY&ssl-ca=<file>, postgres://…?sslmode=verify-full
  --apply             write; without it nothing is written and the same is reported
  --report <file>     every finding as JSON lines, readable by you only
  --users-table       where several tables look like Django's users
  --bindings          whose bindings a table holds: tb_oauth=qq, weibo, github, of WeChat tb_wx=wechat:<appid>; again
                      for each table
  --emails-confirmed  take the addresses as confirmed, as the original's sign-up had confirmed them
  --update            at a later import: take over what changed in the source of accounts nobody touched here since,
                      and remove the bindings and memberships that are gone there
  --disable-deleted   at a later import: disable the untouched accounts that are gone there
  Running it again brings only what the source has gained since; after an interruption it goes on where it was.`,
  },
  async run({ db, clock, passwords, terminal, audit, actor, path }, args) {
    const { values, positionals } = readArguments(
      args,
      {
        apply: { type: "boolean" },
        report: { type: "string" },
        "users-table": { type: "string" },
        bindings: { type: "string", multiple: true },
        "emails-confirmed": { type: "boolean" },
        update: { type: "boolean" },
        "disable-deleted": { type: "boolean" },
        json: { type: "boolean" },
      },
      { min: 1, max: 1 },
    );
    const given = positionals[0] === "-" ? await readAddressAside(terminal) : positionals[0]!;
    const dryRun = values.apply !== true;
    const reader = await openDjangoSource(given.includes("://") ? given : path(given));
    const reporter = createReporter(
      terminal,
      values.report === undefined ? null : createOutput(path(values.report)),
    );
    try {
      const report = await importDjango(db, reader, {
        dryRun,
        usersTable: values["users-table"],
        bindingTables: values.bindings,
        isUsableHash: passwords.isUsable,
        emailsConfirmed: values["emails-confirmed"] === true,
        update: values.update === true,
        disableDeleted: values["disable-deleted"] === true,
        clock,
        onFinding: reporter.note,
        onProgress({ step, done, total }) {
          keepMemoryFlat(done);
          terminal.progress(bar(terminal, step, done, total));
        },
      });
      terminal.progress("");
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
      if (values.json) terminal.print(JSON.stringify(report));
      else for (const line of [...reporter.lines(), ...summary(terminal, report)]) terminal.print(line);
      return 0;
    } finally {
      reporter.close();
      await reader.close();
    }
  },
};

export const exportCommand: Command = {
  usage:
    "export-django <file.json> [--user-model users.user] [--binding-model oauth.oauthuser|none,…] [--no-mobile] [--null-mobile] [--json]",
  zh: "导出为 manage.py loaddata 可读的 JSON，含密码散列，文件仅本人可读",
  en: "export for manage.py loaddata; holds the password hashes, readable by you only",
  details: {
    zh: `  --user-model        AUTH_USER_MODEL 的 app_label.model
  --binding-model     第三方绑定的模型；none 表示不导出；每个第三方一个模型时用逗号分开：
                      oauth.oauthqquser,oauth.oauthsinauser（名称含第三方者没有 loginType 列）
  --no-mobile         账号模型没有 mobile 列
  --null-mobile       mobile 列可为空；否则没有手机号的账号写成 "#<id>"`,
    en: `  --user-model        app_label.model of AUTH_USER_MODEL
  --binding-model     the model of third-party bindings; none leaves them out; where each provider has one:
                      oauth.oauthqquser,oauth.oauthsinauser (one named after a provider has no loginType)
  --no-mobile         the user model has no mobile column
  --null-mobile       its mobile column may be null; otherwise accounts without a number get "#<id>"`,
  },
  async run({ db, terminal, audit, actor, path }, args) {
    const { values, positionals } = readArguments(
      args,
      {
        "user-model": { type: "string", default: exportDefaults.userModel },
        "binding-model": { type: "string", default: exportDefaults.bindingModels.join() },
        "no-mobile": { type: "boolean" },
        "null-mobile": { type: "boolean" },
        json: { type: "boolean" },
      },
      { min: 1, max: 1 },
    );
    checkModel("--user-model", values["user-model"]);
    const bindingModels = values["binding-model"] === "none" ? [] : itemsOf(values["binding-model"]);
    for (const model of bindingModels) checkModel("--binding-model", model);
    const file = path(positionals[0]!);
    // Written beside and renamed when whole, so that an interrupted export never looks like a good one.
    const partial = `${file}.partial`;
    rmSync(partial, { force: true });
    const descriptor = createOutput(partial);
    // Ctrl-C in the middle: half an export is no use, and holds hashes.
    const drop = () => rmSync(partial, { force: true });
    process.once("exit", drop);
    try {
      const pieces = exportDjango(db, {
        userModel: values["user-model"],
        bindingModels,
        missingMobile: values["null-mobile"] ? "null" : "placeholder",
        hasMobile: values["no-mobile"] !== true,
        onProgress(done, total) {
          keepMemoryFlat(done);
          terminal.progress(bar(terminal, "writing", done, total));
        },
      });
      let piece = await pieces.next();
      for (; !piece.done; piece = await pieces.next()) writeSync(descriptor, piece.value);
      const { users, groups, permissions, bindings, skippedBindings } = piece.value;
      // Before the file has its name: an export that left no trace would be a way to carry every hash off.
      await audit.record(db, actor, {
        ...{ action: "system.export-django", targetKind: "system", targetId: 0, target: file },
        before: {},
        after: { users, groups, bindings },
      });
      renameSync(partial, file);
      terminal.progress("");
      if (values.json) terminal.print(JSON.stringify({ file, ...piece.value }));
      else if (terminal.language === "zh") {
        terminal.print(
          `已写入 ${file}：账号 ${users}，用户组 ${groups}，权限 ${permissions}，第三方绑定 ${bindings}，` +
            `跳过的绑定 ${skippedBindings}。其中含密码散列，用后请删除。`,
        );
      } else {
        terminal.print(
          `Wrote ${file}: ${users} accounts, ${groups} groups, ${permissions} permissions, ${bindings} bindings, ` +
            `${skippedBindings} bindings left out. It holds password hashes: delete it after use.`,
        );
      }
      if (!values.json && piece.value.longHashes.count > 0) {
        terminal.print(longHashes(terminal, piece.value.longHashes));
      }
      if (!values.json) {
        for (const text of withoutOpenid(terminal, piece.value.withoutOpenid)) terminal.print(text);
      }
      return 0;
    } catch (error) {
      drop();
      throw explainOutput(error, file);
    } finally {
      process.off("exit", drop);
      closeSync(descriptor);
    }
  },
};

/** An address holds a password, which a terminal must not show. */
async function readAddressAside(terminal: Terminal): Promise<string> {
  const question =
    terminal.language === "zh" ? "来源地址（不回显）：" : "Address of the source (not shown): ";
  return (await (terminal.isInteractive ? terminal.askSecret(question) : terminal.readLine())).trim();
}

function checkModel(option: string, value: string): void {
  if (!/^\w+\.\w+$/.test(value)) {
    throw new UsageError(`${option} 的形式是 app_label.model。`, `${option} is app_label.model.`);
  }
}

/** Measured: a collection every 20,000 accounts costs a tenth of the processor time and keeps 80 of 310 MB away. */
function keepMemoryFlat(done: number): void {
  if (done % 20_000 === 0) collectGarbage();
}

/** MySQL out of its strict mode cuts a text that is too long, and a cut hash matches no password. */
/** What the export wrote and Django does not find by an openid. */
function withoutOpenid({ language }: Terminal, { qq, wechat }: ExportReport["withoutOpenid"]): string[] {
  const zh = language === "zh";
  const accounts = ({ firstIds }: ExportReport["longHashes"]) => firstIds.join(zh ? "、" : ", ");
  const texts: string[] = [];
  if (qq.count > 0) {
    texts.push(
      zh
        ? `QQ 绑定 ${qq.count} 个只有 unionid、没有 openid（账号 ${accounts(qq)}）：只按 openid 查找的 Django 站点用不上，本人须重新绑定。`
        : `${qq.count} QQ bindings have a unionid and no openid (accounts ${accounts(qq)}): a Django site that looks for openids can't use them; these people have to bind again.`,
    );
  }
  if (wechat.count > 0) {
    texts.push(
      zh
        ? `微信绑定 ${wechat.count} 个写成 unionid:… 或 <appid>:…（账号 ${accounts(wechat)}）：只存冒号之后部分的站点须先去掉前缀。`
        : `${wechat.count} WeChat bindings are written as unionid:… or <appid>:… (accounts ${accounts(wechat)}): a site that keeps what stands behind the colon has to take the prefix off.`,
    );
  }
  return texts;
}

function longHashes({ language }: Terminal, { count, firstIds }: ExportReport["longHashes"]): string {
  const ids = `${firstIds.join(", ")}${count > firstIds.length ? ", …" : ""}`;
  if (language === "zh") {
    return `注意：${count} 个密码散列超过 Django 列宽 ${djangoHashLength}（账号 ${ids}），MySQL 非严格模式会截断。导入前请把 password 列改为 varchar(255)。`;
  }
  const are = count === 1 ? "hash is" : "hashes are";
  return (
    `Note: ${count} password ${are} longer than the ${djangoHashLength} characters of Django's column (accounts ${ids}); ` +
    "MySQL out of strict mode cuts them. Make the password column varchar(255) before loaddata."
  );
}

/** Counts findings, keeps the first of each kind for printing, and writes all to the report's file. */
function createReporter(terminal: Terminal, descriptor: number | null) {
  const first = new Map<FindingKind, Finding[]>();
  const counts = new Map<FindingKind, number>();
  return {
    note(finding: Finding): void {
      const { kind } = finding;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      const kept = first.get(kind) ?? [];
      if (kept.length < printedPerKind) first.set(kind, [...kept, finding]);
      if (descriptor !== null) writeSync(descriptor, `${JSON.stringify(finding)}\n`);
    },
    *lines(): Generator<string> {
      for (const [kind, findings] of first) {
        yield `\n${kind} (${counts.get(kind)}): ${findingKinds[kind][terminal.language]}`;
        for (const { table, id, name, detail } of findings) {
          yield `  ${table} #${id} ${name}${detail === "" ? "" : `: ${detail}`}`;
        }
        const more = counts.get(kind)! - findings.length;
        if (more > 0)
          yield terminal.language === "zh"
            ? `  另有 ${more} 条（见 --report）`
            : `  and ${more} more (see --report)`;
      }
    },
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
    },
  };
}

function summary(
  { language }: Terminal,
  report: {
    dryRun: boolean;
    source: string;
    users: Tally;
    groups: Tally;
    bindings: Tally;
    permissions: Tally;
  },
): string[] {
  const zh = language === "zh";
  const row = (name: string, { read, imported, already, refused }: Tally) =>
    zh
      ? `  ${name}：读取 ${read}，${report.dryRun ? "将导入" : "已导入"} ${imported}，原已存在 ${already}，未导入 ${refused}`
      : `  ${name}: ${read} read, ${imported} ${report.dryRun ? "to import" : "imported"}, ${already} here already, ${refused} refused`;
  const names = zh
    ? (["账号", "用户组", "权限", "第三方绑定"] as const)
    : (["accounts", "groups", "permissions", "bindings"] as const);
  const { users, groups, permissions, bindings } = report;
  const rows = [users, groups, permissions, bindings].map((tally, index) => row(names[index]!, tally));
  const end = zh
    ? "以上为演练，没有写入任何内容；加 --apply 正式导入。"
    : "This was a dry run: nothing was written. Add --apply to import.";
  return ["", report.source, ...rows, ...(report.dryRun ? [end] : [])];
}

function bar({ language }: Terminal, step: "reading" | "writing", done: number, total: number): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(share * 30);
  const names = { reading: { zh: "读取", en: "reading" }, writing: { zh: "写入", en: "writing" } };
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${names[step][language]} [${"#".repeat(filled)}${"·".repeat(30 - filled)}] ${percent} % ${done}/${total}`;
}
