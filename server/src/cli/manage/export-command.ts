import { closeSync, renameSync, rmSync, writeSync } from "node:fs";
import { createExtraFields } from "../../accounts/extra-fields.ts";
import { mobile } from "../../accounts/mobile.ts";
import {
  djangoHashLength,
  djangoMobileLength,
  type ExportReport,
  exportDefaults,
  exportDjango,
} from "../../django/export/export-django.ts";
import { readFieldColumns } from "../../django/sources/django-fields.ts";
import { itemsOf } from "../../kernel/settings/variable.ts";
import { type Command, defineCommand } from "../command/command.ts";
import { createOutput, explainOutput } from "../terminal/output-file.ts";
import { showProgress } from "../terminal/progress.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";

export const exportCommand: Command = defineCommand({
  name: "export-django",
  group: "move",
  needs: "database",
  json: true,
  zh: "导出为 manage.py loaddata 可读的 JSON，含密码散列，文件仅本人可读",
  en: "exports for manage.py loaddata; holds the password hashes, readable by you only",
  words: "<file.json>",
  options: {
    "user-model": {
      type: "string",
      value: "app_label.model",
      default: exportDefaults.userModel,
      zh: "AUTH_USER_MODEL",
      en: "AUTH_USER_MODEL",
    },
    "binding-model": {
      type: "string",
      value: { zh: "<模型>,…|none", en: "<model>,…|none" },
      default: exportDefaults.bindingModels.join(),
      zh: "第三方绑定的模型；none 表示不导出；每个第三方一个模型时用逗号分开：\noauth.oauthqquser,oauth.oauthsinauser（名称含第三方者没有 loginType 列）",
      en: "the model of third-party bindings; none leaves them out; where each provider has one:\noauth.oauthqquser,oauth.oauthsinauser (one named after a provider has no loginType)",
    },
    "no-mobile": {
      type: "boolean",
      zh: "账号模型没有 mobile 列",
      en: "the user model has no mobile column",
    },
    "null-mobile": {
      type: "boolean",
      zh: 'mobile 列可为空；否则没有手机号的账号写成 "#<id>"',
      en: 'its mobile column may be null; otherwise accounts without a number get "#<id>"',
    },
    field: {
      type: "string",
      multiple: true,
      value: { zh: "<字段>=<列>", en: "<field>=<column>" },
      zh: "把 SIGN_UP_FIELDS 的字段或昵称写入账号模型的列：company=company_name、\nnickname；可重复。不写则不导出",
      en: "writes a field of SIGN_UP_FIELDS, or the nickname, into a column of the user model:\ncompany=company_name, nickname; repeat it. Without it none is written",
    },
  },
  check({ values }) {
    checkModel("--user-model", values["user-model"]);
    for (const model of modelsOf(values["binding-model"])) checkModel("--binding-model", model);
  },
  async run({ config, db, terminal, audit, actor, path }, { words: [name], values, json }) {
    const file = path(name!);
    const extraFields = createExtraFields(db, config.extraFields);
    const fields = readFieldColumns(values.field ?? [], extraFields.declared);
    // Written beside and renamed when whole, so that an interrupted export never looks like a good one.
    const partial = `${file}.partial`;
    rmSync(partial, { force: true });
    const descriptor = createOutput(partial);
    // Ctrl-C in the middle: half an export is no use, and holds hashes.
    const drop = () => rmSync(partial, { force: true });
    process.once("exit", drop);
    const progress = showProgress(terminal, json);
    try {
      const pieces = exportDjango(db, {
        userModel: values["user-model"],
        bindingModels: modelsOf(values["binding-model"]),
        missingMobile: values["null-mobile"] ? "null" : "placeholder",
        hasMobile: !values["no-mobile"],
        ...{ fields, extraFields },
        onProgress: (done, total) => progress.report("writing", done, total),
      });
      let piece = await pieces.next();
      for (; !piece.done; piece = await pieces.next()) writeSync(descriptor, piece.value);
      const { users, groups, bindings } = piece.value;
      // Before the file has its name: an export that left no trace would be a way to carry every hash off.
      await audit.record(db, actor, {
        ...{ action: "system.export-django", targetKind: "system", targetId: 0, target: file },
        before: {},
        after: { users, groups, bindings },
      });
      renameSync(partial, file);
      progress.end();
      if (json) terminal.print(JSON.stringify({ file, ...piece.value }));
      else for (const line of written(terminal, file, piece.value)) terminal.print(line);
      return 0;
    } catch (error) {
      progress.end();
      drop();
      throw explainOutput(error, file);
    } finally {
      process.off("exit", drop);
      closeSync(descriptor);
    }
  },
});

const modelsOf = (given: string): readonly string[] => (given === "none" ? [] : itemsOf(given));

function checkModel(option: string, value: string): void {
  if (!/^\w+\.\w+$/.test(value)) {
    throw new UsageError(`${option} 的形式是 app_label.model。`, `${option} is app_label.model.`);
  }
}

/** What to tell about a written file. */
function written(terminal: Terminal, file: string, report: ExportReport): readonly string[] {
  const { users, groups, permissions, bindings, skippedBindings } = report;
  const { longHashes, longMobiles, withoutOpenid } = report;
  const text =
    terminal.language === "zh"
      ? `已写入 ${file}：账号 ${users}，用户组 ${groups}，权限 ${permissions}，第三方绑定 ${bindings}，` +
        `跳过的绑定 ${skippedBindings}。其中含密码散列，用后请删除。`
      : `Wrote ${file}: ${users} accounts, ${groups} groups, ${permissions} permissions, ${bindings} bindings, ` +
        `${skippedBindings} bindings left out. It holds password hashes: delete it after use.`;
  const long = longHashes.count > 0 ? [describeLongHashes(terminal, longHashes)] : [];
  const numbers = longMobiles.count > 0 ? [describeLongMobiles(terminal, longMobiles)] : [];
  return [text, ...long, ...numbers, ...describeWithoutOpenid(terminal, withoutOpenid)];
}

/** What the export wrote and Django does not find by an openid. */
function describeWithoutOpenid(
  { language }: Terminal,
  { qq, wechat }: ExportReport["withoutOpenid"],
): string[] {
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

/** MySQL out of its strict mode cuts a text that is too long, and a cut hash matches no password. */
function describeLongHashes({ language }: Terminal, { count, firstIds }: ExportReport["longHashes"]): string {
  const ids = idsOf({ count, firstIds });
  if (language === "zh") {
    return `注意：${count} 个密码散列超过 Django 列宽 ${djangoHashLength}（账号 ${ids}），MySQL 非严格模式会截断。导入前请把 password 列改为 varchar(255)。`;
  }
  const are = count === 1 ? "hash is" : "hashes are";
  return (
    `Note: ${count} password ${are} longer than the ${djangoHashLength} characters of Django's column (accounts ${ids}); ` +
    "MySQL out of strict mode cuts them. Make the password column varchar(255) before loaddata."
  );
}

/** The whole loaddata fails on the first one, or, out of strict mode, two people's numbers are cut to one. */
function describeLongMobiles(
  { language }: Terminal,
  { count, firstIds }: ExportReport["longMobiles"],
): string {
  const ids = idsOf({ count, firstIds });
  if (language === "zh") {
    return (
      `注意：${count} 个其他国家或地区的手机号超过原表列宽 ${djangoMobileLength}（账号 ${ids}），已完整写出。` +
      `导入前请把 mobile 列改为 max_length=${mobile.longest} 并迁移；否则 loaddata 会失败，MySQL 非严格模式会截断。`
    );
  }
  const are = count === 1 ? "number of another country is" : "numbers of other countries are";
  return (
    `Note: ${count} ${are} longer than the ${djangoMobileLength} characters of the original's mobile column (accounts ${ids}), ` +
    `and written whole. Make that column max_length=${mobile.longest} and migrate before loaddata, which fails otherwise; ` +
    "MySQL out of strict mode cuts them."
  );
}

const idsOf = ({ count, firstIds }: ExportReport["longHashes"]): string =>
  `${firstIds.join(", ")}${count > firstIds.length ? ", …" : ""}`;
