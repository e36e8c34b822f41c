import { maskText } from "../../kernel/mask.ts";
import { createDataRequests } from "../../rights/data-requests.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { UsageError } from "../terminal/read-arguments.ts";

const most = 200;

/** What people asked for and when it is due. Reads, and writes nothing. */
export const dataRequests: Command = defineCommand({
  name: "data-requests",
  group: "people",
  needs: "database",
  json: true,
  zh: "个人数据请求：等待清除的账号、导出、移出的手机号，按到期时间",
  en: "what people asked for, by when it is due: erasures and who has them wait, exports, numbers that leave",
  defaultVerb: "deletions",
  verbs: {
    deletions: { zh: "等待清除的账号，以及要求暂缓的服务", en: "accounts that wait to be erased, and holds" },
    exports: { zh: "进行中和可下载的导出", en: "exports that are being made or can be fetched" },
    leaves: { zh: "等待移出的手机号", en: "numbers that are about to leave" },
  },
  options: {
    limit: { type: "string", value: "<n>", default: "50", zh: "最多几条", en: "at most this many" },
  },
  check({ values: { limit } }) {
    if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > most) {
      throw new UsageError(`--limit 须为 1 到 ${most}。`, `--limit must be from 1 to ${most}.`);
    }
  },
  async run({ db, clock, terminal }, { verb, values, json }) {
    const requests = createDataRequests({ db, clock });
    const asked = { limit: Number(values.limit) };
    const lines =
      verb === "exports"
        ? (await requests.exports(asked)).rows.map((one) => ({
            ...{ user: one.user_id, username: one.username, asked: iso(one.asked_at) },
            ...{ ready: one.ready_at === null ? null : iso(one.ready_at), expires: iso(one.expires_at) },
          }))
        : verb === "leaves"
          ? (await requests.leaves(asked)).rows.map((one) => ({
              ...{ user: one.user_id, username: one.username, asked: iso(one.asked_at) },
              due: iso(one.due_at),
            }))
          : (await requests.deletions(asked)).rows.map((one) => ({
              ...{ user: one.user_id, username: one.username, due: iso(one.due_at) },
              holds: one.holds.map((hold) => `${hold.service} until ${iso(hold.held_until)}: ${hold.reason}`),
            }));
    const none = { zh: "没有。", en: "None." }[terminal.language];
    const text = lines.map(({ user, username, ...more }) =>
      [
        `#${user}`,
        maskText(username),
        ...Object.entries(more).map(([name, value]) => `${name}: ${said(value)}`),
      ].join("  "),
    );
    show(terminal, json, lines, text.length === 0 ? none : text.join("\n"));
    return 0;
  },
});

const iso = (millis: number) => new Date(millis).toISOString();
const said = (value: string | null | readonly string[]) =>
  typeof value === "string" ? value : value === null || value.length === 0 ? "-" : value.join("; ");
