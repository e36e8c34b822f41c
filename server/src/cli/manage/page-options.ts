import type { Option } from "../command/command.ts";
import { UsageError } from "../terminal/read-arguments.ts";

/** Of commands that list page by page: how many, and behind what. Each says of which of its verbs. */
export const limitOption = {
  ...{ type: "string", value: "<n>", default: "20" },
  ...{ zh: "最多几条", en: "at most this many" },
} as const satisfies Option;

export const beforeOption = {
  ...{ type: "string", value: { zh: "<位置>", en: "<place>" } },
  zh: "接着上一页：上一页末尾显示的位置",
  en: "goes on behind another page, which ends with this place",
} as const satisfies Option;

const most = 1000;

/** Error: UsageError. */
export function checkLimit(limit: string): void {
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > most)
    throw new UsageError(`--limit 须为 1 到 ${most}。`, `--limit is a number from 1 to ${most}.`);
}

/** `--before` where places are numbers; undefined for the first page. Error: UsageError. */
export function readPlace(before: string | undefined): number | undefined {
  if (before === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(before)) throw noPlace();
  return Number(before);
}

export const noPlace = () =>
  new UsageError("--before 须是上一页末尾显示的位置。", "--before is the place at the end of another page.");

/** The line that says where the next page begins; none on the last. */
export const nextLine = (next: string | number | null, language: "zh" | "en"): readonly string[] =>
  next === null
    ? []
    : [{ zh: `还有更多：--before ${next}`, en: `There is more: --before ${next}` }[language]];
