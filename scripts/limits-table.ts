import { readFileSync } from "node:fs";
import { join } from "node:path";
import { variables } from "../server/src/config/env.ts";
import { type Limit, type LimitText, limitOutcomes, limitSubjects } from "../server/src/kernel/limit.ts";
import { limits } from "../server/src/kernel/limits.ts";
import type { Variable } from "../server/src/kernel/settings/variable.ts";
import { replaceRegion } from "./replace-region.ts";

/** The table in docs/limits.md and its Chinese sister, from the one table of limits and the settings' defaults. */
const documents = { "docs/limits.md": "en", "docs/limits.zh.md": "zh" } as const;
type Language = keyof LimitText;

const head = {
  en: "| limit | counted | of each | how many | within | beyond it |",
  zh: "| 限额 | 计数 | 按 | 多少 | 时间 | 超过时 |",
} as const;
const known: Readonly<Record<string, Variable<unknown>>> = variables;

/** Error: a variable that there is none of. */
function settingText(name: string): string {
  const variable = known[name];
  if (variable === undefined) throw new Error(`the table of limits names ${name}, which is no variable`);
  return `\`${name}\` (${variable.fallbackText ?? String(variable.fallback)})`;
}

function howMany({ most, settings = [] }: Limit): string {
  return [...(most === undefined ? [] : [String(most)]), ...settings.map(settingText)].join("<br>");
}

function timeText(seconds: number, language: Language): string {
  const units = [
    [86_400, "天", "day"],
    [3600, "小时", "hour"],
    [60, "分钟", "minute"],
    [1, "秒", "second"],
  ] as const;
  const [unit, zh, en] = units.find(([size]) => seconds % size === 0)!;
  const count = seconds / unit;
  if (language === "zh") return `${count} ${zh}`;
  return count === 1 ? `${en === "hour" ? "an" : "a"} ${en}` : `${count} ${en}s`;
}

function within({ windowSeconds, within: words, waits }: Limit, language: Language): string {
  if (words !== undefined) return words[language];
  if (windowSeconds !== undefined) return timeText(windowSeconds, language);
  if (waits === undefined) return "—";
  const first = timeText(waits.first, language);
  const longest = waits.longest === undefined ? null : timeText(waits.longest, language);
  if (language === "zh")
    return longest === null ? `${first}，逐次加倍` : `${first}，逐次加倍，最长 ${longest}`;
  return longest === null
    ? `${first}, then twice as long each time`
    : `${first}, then twice as long each time, ${longest} at most`;
}

function rowOf(name: string, limit: Limit, language: Language): string {
  const wider = limit.isWider === true ? { en: " (/48)", zh: "（/48）" }[language] : "";
  const place = limit.place === "memory" ? " †" : limit.place === "rows" ? " ‡" : "";
  const cells = [
    `\`${name}\`${place}`,
    limit.counts[language],
    `${limitSubjects[limit.of][language]}${wider}`,
    howMany(limit),
    within(limit, language),
    limitOutcomes[limit.full][language],
  ];
  return `| ${cells.join(" | ")} |`;
}

export function limitDocuments(root: string): Map<string, string> {
  return new Map(
    Object.entries(documents).map(([path, language]) => {
      const rows = Object.entries<Limit>(limits).map(([name, limit]) => rowOf(name, limit, language));
      const present = readFileSync(join(root, path), "utf8");
      const table = [head[language], "| --- | --- | --- | --- | --- | --- |", ...rows].join("\n");
      return [path, replaceRegion(path, present, "limits", table)];
    }),
  );
}
