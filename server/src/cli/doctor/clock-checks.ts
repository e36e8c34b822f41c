import { statSync } from "node:fs";
import type { Config } from "../../config/config.ts";
import type { Clock } from "../../kernel/clock.ts";
import { type Diagnosis, fail, ok } from "./diagnosis.ts";

/**
 * The clock of this machine: tokens carry its time, and other services refuse those from their future. It is
 * compared with the clocks of database and Redis where they have one; else with that of the public address's web
 * server; else, with nobody to ask, with what this machine wrote itself. Always prints at least one line.
 */
const toleranceSeconds = 5;
/** A web server's Date has whole seconds and may come out of a cache. */
const webToleranceSeconds = 30;
/** When this check was written; no right clock shows an earlier time. */
const earliest = Date.UTC(2026, 0, 1);

export function checkClock(
  where: string,
  theirs: number,
  clock: Clock,
  tolerance = toleranceSeconds,
): Diagnosis {
  const seconds = Math.round(Math.abs(theirs - clock.now()) / 1000);
  if (seconds <= tolerance)
    return ok("clock", `与 ${where} 的时钟一致。`, `The clock agrees with ${where}'s.`);
  return fail(
    "clock",
    `本机与 ${where} 的时钟相差 ${seconds} 秒：令牌会过早失效或尚未生效。请开启 NTP。`,
    `This machine's clock and ${where}'s differ by ${seconds} s: tokens end early or begin late. Turn NTP on.`,
  );
}

/** Where neither the database nor Redis told the time. */
export async function checkOwnClock(
  { publicSiteUrl, publicApiUrl, database }: Config,
  clock: Clock,
): Promise<Diagnosis> {
  for (const url of [publicApiUrl, publicSiteUrl]) {
    const theirs = await webTime(url);
    if (theirs !== null) return checkClock(new URL(url).host, theirs, clock, webToleranceSeconds);
  }
  const written = database.engine === "sqlite" ? newestOf([database.file, `${database.file}-wal`]) : null;
  return checkSanity(clock.now(), written);
}

/** `written`: when this machine last wrote its database, epoch milliseconds. Pure. */
export function checkSanity(now: number, written: number | null): Diagnosis {
  const shown = new Date(now).toISOString();
  if (now < earliest || (written !== null && written > now + webToleranceSeconds * 1000)) {
    return fail(
      "clock",
      `本机时钟显示 ${shown}，早于本机自己写下的数据：令牌会过早失效。请开启 NTP。`,
      `This machine's clock says ${shown}, earlier than what it wrote itself: tokens end early. Turn NTP on.`,
    );
  }
  return ok(
    "clock",
    `本机时钟显示 ${shown}；没有可对照的服务器，请确认已开启 NTP。`,
    `This machine's clock says ${shown}; there is no server to compare it with, so see that NTP is on.`,
  );
}

/** The Date of the answer (RFC 9110 section 6.6.1), epoch milliseconds; null where nobody answers. */
async function webTime(url: string): Promise<number | null> {
  try {
    const signal = AbortSignal.timeout(3_000);
    const { headers } = await fetch(url, { method: "HEAD", redirect: "manual", signal });
    const at = Date.parse(headers.get("date") ?? "");
    return Number.isNaN(at) ? null : at;
  } catch {
    // Whether the site answers is not this check's question; often it isn't started yet.
    return null;
  }
}

function newestOf(files: readonly string[]): number | null {
  const times = files.flatMap((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? []);
  return times.length === 0 ? null : Math.max(...times);
}
