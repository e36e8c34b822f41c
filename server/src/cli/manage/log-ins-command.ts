import { isIP } from "node:net";
import { counterView, lockedView, refusalPage } from "../../admin/block-routes.ts";
import { createLog } from "../../kernel/log.ts";
import { createRefusals } from "../../sign-in/refusals.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { withBlocks } from "./open-blocks.ts";
import { beforeOption, checkLimit, limitOption, nextLine, readPlace } from "./page-options.ts";
import { refusalText } from "./refusal-text.ts";

/** `log-ins`: what the console's page of log-ins and blocks shows; `unlock` and `deny` do what it does. Counts nothing. */
export const logIns: Command = defineCommand({
  name: "log-ins",
  group: "people",
  needs: "database",
  json: true,
  zh: "被拒绝的登录；一个登录名或一个网络已用掉多少次尝试",
  en: "log-ins that were refused; what a name or a network has used up of its tries",
  verbs: {
    locked: {
      zh: "现在因尝试过多被挡在外面的账号，最近被拒绝的在前",
      en: "accounts that too many tries keep somebody out of now, the latest refused first",
    },
    refused: { zh: "所有账号的，新的在前", en: "those of all accounts, the latest first" },
    counters: {
      words: { zh: "<登录名或地址>", en: "<name-or-address>" },
      zh: "已用掉的次数和上限；unlock 清零",
      en: "what it has used up, and of how much; unlock forgets it",
    },
  },
  options: {
    limit: { ...limitOption, of: "refused" },
    before: { ...beforeOption, of: "refused" },
  },
  details: {
    zh: "一个账号为什么登录不了：user why；它以往的登录：user log-ins。",
    en: "Why somebody can't log in: user why. The past log-ins of an account: user log-ins.",
  },
  check({ verb, values: { limit, before } }) {
    if (verb !== "refused") return;
    checkLimit(limit);
    readPlace(before);
  },
  async run(context, { verb, words: [whose], values, json }) {
    if (verb === "locked") return showLocked(context, json);
    if (verb === "counters") return showCounters(context, whose!, json);
    const { db, clock, terminal } = context;
    const limit = Number(values.limit);
    const { latest } = createRefusals({ db, clock, log: createLog("silent") });
    const page = refusalPage(await latest(limit, readPlace(values.before) ?? null), limit);
    const lines = page.results.map(({ at, user_id, username, reason, network, times }) =>
      [
        ...[at.slice(0, 19), `#${user_id} ${username}`, refusalText(reason, terminal.language)],
        ...[network, `×${times}`],
      ].join("  "),
    );
    const none = { zh: "没有。", en: "None." }[terminal.language];
    const text = lines.length === 0 ? none : [...lines, ...nextLine(page.next, terminal.language)].join("\n");
    show(terminal, json, page, text);
    return 0;
  },
});

const subjects = {
  strangers: { zh: "不认识的设备", en: "devices that never logged in to it" },
  device: { zh: "登录过的设备", en: "a device that logged in before" },
  network: { zh: "这个网络", en: "the network" },
} as const;

async function showLocked(context: ManageContext, asJson: boolean): Promise<number> {
  const { language } = context.terminal;
  const results = (await withBlocks(context, ({ locked }) => locked())).map(lockedView);
  const lines = results.map(({ at, user_id, username, who, networks, times }) =>
    [
      ...[at.slice(0, 19), `#${user_id} ${username}`, who.map((one) => subjects[one][language]).join(", ")],
      ...[networks.join(", "), `×${times}`],
    ].join("  "),
  );
  const none = { zh: "没有。", en: "None." }[language];
  show(context.terminal, asJson, { results }, lines.length === 0 ? none : lines.join("\n"));
  return 0;
}

async function showCounters(context: ManageContext, whose: string, asJson: boolean): Promise<number> {
  const { language } = context.terminal;
  const { userId, counters } = await withBlocks(context, async ({ ofName, ofNetwork }) => {
    const found = isIP(whose) === 0 ? await ofName(whose) : await ofNetwork(whose);
    return { userId: found.userId, counters: found.counters.map(counterView) };
  });
  const full = { zh: "已满", en: "full" }[language];
  const lines = counters.map((one) => {
    const share = `${one.count}/${one.limit === 0 ? "-" : one.limit}`;
    const facts = [subjects[one.who][language], one.rule, share, `${one.window_seconds / 3600} h`];
    return [...facts, ...(one.full ? [full] : [])].join("  ");
  });
  const about = userId === null ? [] : [`#${userId}`];
  show(context.terminal, asJson, { user_id: userId, counters }, [...about, ...lines].join("\n"));
  return 0;
}
