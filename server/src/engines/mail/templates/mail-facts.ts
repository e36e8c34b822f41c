import { oneLine, type Say } from "./mail-layout.ts";
import type { NoticeValues } from "./mail-values.ts";

/** Whose account it is about and when, with what else the mail tells. */
export function factsOf(
  say: Say,
  { username, at }: NoticeValues,
  extra: [string, string][],
): [string, string][] {
  return [[say("facts.username"), oneLine(username, 150)], ...extra, [say("facts.time"), chinaTime(at)]];
}

/** `2026-11-22 20:05:00 (UTC+8)`. China keeps one time zone and no summer time. */
export function chinaTime(epochMillis: number): string {
  const shifted = new Date(epochMillis + 8 * 3600 * 1000).toISOString();
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} (UTC+8)`;
}
