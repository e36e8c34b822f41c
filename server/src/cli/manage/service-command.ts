import type { Service } from "../../services/services.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { AppContext } from "../command/contexts.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { CommandFailure, type Terminal } from "../terminal/terminal.ts";

const most = { hours: 24 * 90, days: 3650 } as const;
const daySeconds = 24 * 3600;
const nameWord = { zh: "<服务>", en: "<service>" } as const;

/** Credentials for other services of the site. A secret is printed once, when it is made. */
export const service: Command = defineCommand({
  name: "service",
  group: "people",
  needs: "app",
  json: true,
  zh: "其他服务的凭据：创建、列出、更换、撤销",
  en: "credentials for other services: make, list, rotate and revoke them",
  verbs: {
    create: { words: nameWord, zh: "创建；密钥只显示这一次", en: "makes one; its secret is shown this once" },
    list: { zh: "全部服务、权限和最近使用", en: "all of them, what they may do, when they were used" },
    rotate: {
      words: nameWord,
      zh: "换新密钥，旧的再用一段时间",
      en: "gives it a new secret; the old one goes on for a while",
    },
    revoke: {
      words: nameWord,
      zh: "撤销，所有密钥立即失效",
      en: "removes it; its secrets end at once",
    },
  },
  options: {
    scope: {
      type: "string",
      value: "<app.codename>",
      multiple: true,
      of: "create",
      zh: "可以做什么：权限名，可重复；至少一个",
      en: "what it may do: a permission; may be repeated; at least one",
    },
    network: {
      type: "string",
      value: "<CIDR>",
      multiple: true,
      of: "create",
      zh: "只能来自这些网段，如 10.0.0.0/8，可重复",
      en: "where it may come from, such as 10.0.0.0/8; may be repeated",
    },
    days: {
      type: "string",
      value: "<n>",
      of: "create",
      zh: `有效天数，1 到 ${most.days}；不设则一直有效`,
      en: `how many days it works, 1 to ${most.days}; without: until it is revoked`,
    },
    "keep-hours": {
      type: "string",
      value: "<n>",
      default: "24",
      of: "rotate",
      zh: `旧密钥还有效几小时，0 到 ${most.hours}；0：所有旧密钥立即失效`,
      en: `how many hours the old secret goes on, 0 to ${most.hours}; 0: every old one ends at once`,
    },
  },
  check({ verb, values }) {
    if (verb === "create" && (values.scope ?? []).length === 0) {
      throw new UsageError("请用 --scope 说明它可以做什么。", "Say by --scope what it may do.");
    }
    if (values.days !== undefined) expectNumber("--days", values.days, 1, most.days);
    expectNumber("--keep-hours", values["keep-hours"], 0, most.hours);
  },
  async run(context, { verb, words: [name = ""], values, json }) {
    const { app, terminal, actor } = context;
    if (verb === "list") {
      const found = await app.services.list();
      show(terminal, json, found, found.map(linesOf).join("\n"));
      return 0;
    }
    if (verb === "revoke") {
      await named(context, name, () => app.services.revoke(actor, name));
      show(terminal, json, { name }, terminal.language === "zh" ? "已撤销。" : "Revoked.");
      return 0;
    }
    const made =
      verb === "create"
        ? await app.services.add(actor, {
            ...{ name, scopes: values.scope ?? [], networks: values.network ?? [] },
            lifeSeconds: values.days === undefined ? null : Number(values.days) * daySeconds,
          })
        : await named(context, name, () =>
            app.services.rotate(actor, name, Number(values["keep-hours"]) * 3600),
          );
    show(
      terminal,
      json,
      { ...made.service, secret: made.secret },
      `${linesOf(made.service)}\n${made.secret}`,
    );
    sayOnce(terminal);
    return 0;
  },
});

function sayOnce(terminal: Terminal): void {
  terminal.note(
    terminal.language === "zh"
      ? "请现在保存密钥：它不会再次显示。"
      : "Keep the secret now: it is not shown again.",
  );
}

/** Says which service there is none of. */
async function named<Result>(
  { app }: AppContext,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const names = (await app.services.list()).map((one) => one.name);
  if (!names.includes(name)) throw new CommandFailure(`没有服务 ${name}。`, `There is no service ${name}.`);
  return work();
}

function linesOf(one: Service): string {
  const { name, scopes, networks, secrets, expires_at, last_used_at } = one;
  const ending = secrets.flatMap(({ ends_at }) => (ends_at === null ? [] : [timeOf(ends_at)]));
  return [
    `${name}  ${scopes.join(" ")}`,
    `  networks: ${networks.join(" ") || "*"}  expires: ${timeOf(expires_at)}  used: ${timeOf(last_used_at)}`,
    ...ending.map((end) => `  old secret until ${end}`),
  ].join("\n");
}

const timeOf = (time: number | null) => (time === null ? "-" : new Date(time).toISOString().slice(0, 16));

function expectNumber(what: string, given: string, least: number, largest: number): void {
  if (/^(0|[1-9]\d{0,5})$/.test(given) && Number(given) >= least && Number(given) <= largest) return;
  throw new UsageError(
    `${what} 须为 ${least} 到 ${largest} 之间的整数。`,
    `${what} must be a whole number from ${least} to ${largest}.`,
  );
}
