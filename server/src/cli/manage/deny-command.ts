import { denialKinds } from "../../admission/denial-rows.ts";
import { createDenials } from "../../admission/denials.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { createLog } from "../../kernel/log.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { checkReason, readUntil } from "./staff-options.ts";

const kindOf = (text: string | undefined) => denialKinds.find((kind) => kind === text);

/** `deny`: what the console's page of log-ins and blocks does. Running processes heed a change within five seconds. */
export const deny: Command = defineCommand({
  name: "deny",
  group: "people",
  needs: "database",
  json: true,
  zh: "拒绝名单：网段、邮箱、邮箱域名",
  en: "the deny list: networks, addresses, domains of mail",
  verbs: {
    list: { zh: "列出", en: "lists them" },
    add: {
      words: { zh: "<network|email|domain> <值>", en: "<network|email|domain> <value>" },
      zh: "加入一项，须写 --reason",
      en: "adds one, with a --reason",
    },
    remove: { words: { zh: "<编号>", en: "<id>" }, zh: "移除一项", en: "removes one" },
  },
  options: {
    reason: {
      type: "string",
      of: "add",
      value: { zh: "<理由>", en: "<why>" },
      zh: "理由，只留在名单里，不含邮箱和手机号；必填",
      en: "why: kept in the list alone, without an e-mail address or phone number; required",
    },
    until: {
      type: "string",
      of: "add",
      value: { zh: "<时间>", en: "<time>" },
      zh: "到期不再拒绝，例如 2027-01-31；邮箱最多两年",
      en: "when it ends by itself, such as 2027-01-31; of an address within two years",
    },
  },
  check({ verb, words: [kind], values: { reason = "", until } }) {
    if (verb !== "add") return;
    if (kindOf(kind) === undefined)
      throw new UsageError("种类须是 network、email 或 domain。", "The kind is network, email or domain.");
    checkReason(reason);
    readUntil(until);
  },
  async run(context, { verb, words: [first, value], values: { reason = "", until }, json }) {
    const denials = createDenials({
      ...context,
      secretKeys: secretKeysOf(context.config),
      log: createLog("silent"),
    });
    const zh = context.terminal.language === "zh";
    if (verb === "list") {
      const rows = (await denials.list()).map(({ created_at, ends_at, shown: value, ...one }) => ({
        ...{ ...one, value, created_at: new Date(created_at).toISOString() },
        ends_at: ends_at === null ? null : new Date(ends_at).toISOString(),
      }));
      const lines = rows.map(
        (one) => `${one.id}  ${one.kind}  ${one.value}  ${one.ends_at ?? "-"}  ${one.reason}`,
      );
      const none = zh ? "名单是空的。" : "The list is empty.";
      show(context.terminal, json, rows, lines.length === 0 ? none : lines.join("\n"));
      return 0;
    }
    if (verb === "remove") {
      await denials.remove(context.actor, first!);
      show(context.terminal, json, { id: first }, zh ? `已移除 ${first}。` : `Removed ${first}.`);
      return 0;
    }
    const endsAt = readUntil(until);
    const wanted = { kind: kindOf(first)!, value: value!, reason: reason.trim(), endsAt };
    const made = await denials.add(context.actor, wanted, null);
    const text = zh
      ? `已拒绝 ${made.shown}（${made.id}）。`
      : `Refused from now on: ${made.shown} (${made.id}).`;
    show(context.terminal, json, { id: made.id, kind: made.kind, value: made.shown }, text);
    return 0;
  },
});
