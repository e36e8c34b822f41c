import { closeSync, writeSync } from "node:fs";
import { renderUser, type UserFilterFields } from "../../admin/admin-fields.ts";
import { createUserExport, type ExportFilter, exportForms } from "../../admin/user-export.ts";
import { listUsers, type UserFilter, userMatches } from "../../admin/user-list.ts";
import { type Command, defineCommand, type Option, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { createOutput, explainOutput } from "../terminal/output-file.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { findGroup } from "./find-group.ts";
import { matchingUsers } from "./matching-users.ts";
import { checkReason } from "./staff-options.ts";
import { changeKinds, changeMany, isChangeKind } from "./users-change.ts";

const ofFilter = { type: "string", of: ["list", "export", "change"] } as const;

/** The filters of the console's list, by the same names. */
const filterOptions = {
  search: {
    ...ofFilter,
    value: { zh: "<文字>", en: "<text>" },
    zh: "用户名、邮箱、手机号、编号或第三方的标识",
    en: "a user name, address, number, id or a third party's key of a person",
  },
  match: {
    ...ofFilter,
    choices: userMatches,
    default: "prefix",
    zh: "如何匹配 --search；contains 逐个查看，较慢",
    en: "how --search has to fit; contains looks at each, and is slow",
  },
  active: { ...ofFilter, choices: ["yes", "no"], zh: "是否可用", en: "whether it is not disabled" },
  staff: { ...ofFilter, choices: ["yes", "no"], zh: "是否职员", en: "whether it is staff" },
  superuser: { ...ofFilter, choices: ["yes", "no"], zh: "是否超级用户", en: "whether it is a superuser" },
  confirmed: {
    ...ofFilter,
    ...{ choices: ["yes", "no"], zh: "邮箱是否已验证", en: "whether its address is confirmed" },
  },
  "second-factor": {
    ...ofFilter,
    choices: ["on", "off", "missing"],
    zh: "两步验证；missing 为必须有而没有",
    en: "its second factor; missing: it must have one and has none",
  },
  "in-group": {
    ...ofFilter,
    value: { zh: "<用户组>", en: "<group>" },
    zh: "在此组中",
    en: "in this group",
  },
  provider: { ...ofFilter, value: { zh: "<第三方>", en: "<name>" }, zh: "绑定了它", en: "bound to it" },
  ...timeOptions(),
} as const satisfies Readonly<Record<string, Option>>;

function timeOptions() {
  const value = { zh: "<时间>", en: "<time>" };
  const option = (zh: string, en: string) => ({ ...ofFilter, value, zh, en }) as const;
  return {
    "joined-from": option("创建于此时或之后", "made at this time or later"),
    "joined-to": option("创建于此时之前", "made before this time"),
    "seen-from": option("最近登录于此时或之后", "logged in last at this time or later"),
    "seen-to": option("最近登录于此时之前", "logged in last before this time"),
  } as const;
}

/** `users`: what the console's list of users does, for as many as fit. */
export const users: Command = defineCommand({
  name: "users",
  group: "people",
  needs: "database",
  json: true,
  zh: "按条件查找、导出、批量修改账号，以及后台的批量操作",
  en: "accounts by filters: lists, exports and changes many; what the console changed at once",
  defaultVerb: "list",
  verbs: {
    list: { zh: "列出", en: "lists them" },
    export: { zh: "写成文件", en: "writes them to a file" },
    change: {
      words: { zh: `<${changeKinds.join("|")}> [<用户组>]`, en: `<${changeKinds.join("|")}> [<group>]` },
      zh: "批量修改；没有 --confirm 只显示有多少个",
      en: "changes each; without --confirm only says how many they are",
    },
    runs: {
      words: { zh: "[<编号>]", en: "[<run>]" },
      zh: "九十天内后台“批量操作”做过的；写编号则显示各账号的结果",
      en: "what the console's “Many at once” did within ninety days; of one, what became of the accounts",
    },
  },
  options: {
    ...filterOptions,
    limit: {
      type: "string",
      of: ["list", "runs"],
      value: "<n>",
      default: "50",
      zh: "最多几个",
      en: "at most this many",
    },
    into: { type: "string", of: "export", value: "<file>", zh: "写入的文件；必填", en: "the file; required" },
    format: {
      type: "string",
      of: "export",
      choices: exportForms,
      default: "csv",
      zh: "文件格式",
      en: "what it is written as",
    },
    reason: {
      type: "string",
      of: "change",
      value: { zh: "<理由>", en: "<why>" },
      zh: "理由，记入审计日志；必填",
      en: "why: kept in the audit log; required",
    },
    confirm: {
      type: "string",
      of: "change",
      value: "<n>",
      zh: "先前显示的个数；现在不是这么多就不做",
      en: "as many as were said before; does nothing where they are others by now",
    },
  },
  check({ verb, words: [kind], values }) {
    if (!/^[1-9]\d{0,5}$/.test(values.limit))
      throw new UsageError("--limit 须为正整数。", "--limit is a whole number above 0.");
    if (verb === "export" && values.into === undefined)
      throw new UsageError("请用 --into 写明文件。", "Say by --into which file.");
    if (verb !== "change") return;
    if (!isChangeKind(kind)) {
      const all = changeKinds.join(", ");
      throw new UsageError(`要做的事须是 ${all}。`, `What is to be done is one of ${all}.`);
    }
    checkReason(values.reason ?? "");
    if (values.confirm !== undefined && !/^\d{1,6}$/.test(values.confirm))
      throw new UsageError("--confirm 须为个数。", "--confirm is a number of accounts.");
  },
  async run(context, { verb, words: [kind, groupName], values, json }) {
    if (verb === "runs") {
      const { listRuns } = await import("./bulk-runs.ts");
      return listRuns(context, { id: kind, limit: Number(values.limit) }, json);
    }
    const filter = await filterOf(context, values);
    if (verb === "export") {
      await exportAll(context, filter, { into: values.into!, format: formOf(values.format), asJson: json });
      return 0;
    }
    if (verb === "change" && isChangeKind(kind)) {
      const confirm = values.confirm === undefined ? null : Number(values.confirm);
      const wish = { kind, groupName, reason: values.reason!.trim(), confirm };
      return changeMany(context, filter, wish, json);
    }
    await list(context, filter, Number(values.limit), json);
    return 0;
  },
});

type FilterValues = { readonly [Name in keyof typeof filterOptions]: string | undefined };
const formOf = (text: string) => exportForms.find((form) => form === text)!;

/** Errors: CommandFailure for a group that is none. What is no time is refused by the list itself. */
async function filterOf({ groups }: ManageContext, values: FilterValues): Promise<ExportFilter> {
  const name = values["in-group"];
  const group = name === undefined ? undefined : (await findGroup(groups, name)).id;
  const wanted = {
    ...{ search: values.search, match: values.match, provider: values.provider, group },
    ...{ is_active: isYes(values.active), is_staff: isYes(values.staff), confirmed: isYes(values.confirmed) },
    ...{ is_superuser: isYes(values.superuser), second_factor: values["second-factor"] },
    ...{ joined_from: values["joined-from"], joined_to: values["joined-to"] },
    ...{ seen_from: values["seen-from"], seen_to: values["seen-to"] },
  } satisfies { readonly [Name in keyof typeof UserFilterFields]: unknown };
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
  // Choices were read by the table of options; the two have the same.
  return Object.fromEntries(given) as ExportFilter;
}

const isYes = (text: string | undefined) => (text === undefined ? undefined : text === "yes");

async function list(
  context: ManageContext,
  filter: ExportFilter,
  limit: number,
  asJson: boolean,
): Promise<void> {
  const found: ReturnType<typeof renderUser>[] = [];
  for await (const page of matchingUsers(context, filter)) {
    found.push(...page.map((row) => renderUser(row)));
    if (found.length >= limit) break;
  }
  const rows = found.slice(0, limit);
  const lines = rows.map((row) => {
    const marks = [!row.is_active && "disabled", row.is_superuser ? "superuser" : row.is_staff && "staff"];
    return [String(row.id).padStart(6), row.username, row.email ?? "-", row.mobile ?? "-", ...marks]
      .filter((part) => part !== false)
      .join("  ");
  });
  const { terminal } = context;
  const none = terminal.language === "zh" ? "没有符合条件的账号。" : "No account fits.";
  show(terminal, asJson, rows, lines.length === 0 ? none : lines.join("\n"));
}

async function exportAll(
  { db, audit, actor, config, terminal, path }: ManageContext,
  filter: ExportFilter,
  { into, format, asJson }: { into: string; format: (typeof exportForms)[number]; asJson: boolean },
): Promise<void> {
  const { rules } = config.secondFactorPolicy;
  const userAdmin = { list: (asked: UserFilter) => listUsers(db, asked, rules) };
  const file = path(into);
  const descriptor = createOutput(file);
  try {
    for await (const text of await createUserExport({ db, audit, userAdmin }).begin(actor, format, filter))
      writeSync(descriptor, text);
  } catch (error) {
    throw explainOutput(error, file);
  } finally {
    closeSync(descriptor);
  }
  const zh = `已写入 ${file}，仅本人可读。`;
  show(terminal, asJson, { file }, terminal.language === "zh" ? zh : `Wrote ${file}, readable by you only.`);
}
