import type { readOverview } from "../../admin/overview.ts";
import { dayMillis } from "../../kernel/clock.ts";
import { textTable } from "../terminal/text-table.ts";
import { refusalText } from "./refusal-text.ts";

type Overview = Awaited<ReturnType<typeof readOverview>>;
type Hours = Overview["hours"];
type Language = "zh" | "en";

const days = 30;

/** The names that each column is the sum of, or what they begin with. */
const columns = [
  { zh: "登录", en: "log-ins", counts: "log_in:" },
  { zh: "被拒绝", en: "refused", counts: "refused:" },
  { zh: "注册", en: "sign-ups", counts: "event:user.created" },
  { zh: "邮件", en: "mails", counts: "mail:accepted" },
  { zh: "邮件被退", en: "mails refused", counts: "mail:refused" },
  { zh: "短信", en: "SMS", counts: "sms:accepted" },
  { zh: "短信被退", en: "SMS refused", counts: "sms:refused" },
] as const;

const titles = {
  lastDay: { zh: "24 小时", en: "24 hours" },
  lastDays: { zh: "30 天", en: "30 days" },
  day: { zh: "日期", en: "day" },
  reasons: { zh: "被拒绝的原因（30 天）", en: "why refused (30 days)" },
  ways: { zh: "登录方式（30 天）", en: "ways of logging in (30 days)" },
  unknownName: { zh: "没有这个账号", en: "no such account" },
} as const;

/** The last day and the last thirty; what waits; each day (of UTC), the latest first; by reason and by way. */
export function overviewText({ version, now, jobs, hours }: Overview, language: Language): string {
  const end = Date.parse(now);
  const said = (name: keyof typeof titles) => titles[name][language];
  const heads = columns.map((column) => column[language]);
  const lastDay = hours.filter(({ from }) => Date.parse(from) > end - dayMillis);
  const ofDay = (day: string) => hours.filter(({ from }) => from.startsWith(day));
  const dates = Array.from({ length: days }, (_, back) =>
    new Date(end - back * dayMillis).toISOString().slice(0, 10),
  );
  const dead = language === "zh" ? "已失败" : "given up";
  const waiting = language === "zh" ? "等待中" : "waiting";
  const tasks = language === "zh" ? "后台任务" : "background jobs";
  const refused = byName(hours, "refused:").map(([name, count]) => [
    name === "unknown_name" ? said("unknownName") : refusalText(name, language),
    String(count),
  ]);
  const ways = byName(hours, "log_in:").map(([name, count]) => [name, String(count)]);
  return [
    `${now.slice(0, 19)}Z  ${version}`,
    textTable([
      ["", ...heads],
      [said("lastDay"), ...sumsOf(lastDay)],
      [said("lastDays"), ...sumsOf(hours)],
    ]),
    `${tasks}: ${dead} ${jobs.dead ?? 0}, ${waiting} ${jobs.waiting ?? 0}`,
    textTable([[said("day"), ...heads], ...dates.map((day) => [day, ...sumsOf(ofDay(day))])]),
    ...(refused.length === 0 ? [] : [textTable([[said("reasons"), ""], ...refused])]),
    ...(ways.length === 0 ? [] : [textTable([[said("ways"), ""], ...ways])]),
  ].join("\n\n");
}

const sumsOf = (hours: Hours) =>
  columns.map(({ counts }) => String(byName(hours, counts).reduce((sum, [, count]) => sum + count, 0)));

/** By what comes after the kind, the most first. */
function byName(hours: Hours, kind: string): (readonly [name: string, count: number])[] {
  const sums = new Map<string, number>();
  for (const { counts } of hours) {
    for (const [name, count] of Object.entries(counts)) {
      if (!name.startsWith(kind)) continue;
      const own = name.slice(kind.length);
      sums.set(own, (sums.get(own) ?? 0) + count);
    }
  }
  return [...sums].sort(([, one], [, other]) => other - one);
}
