import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { App } from "../../app/app-interface.ts";
import type { Config } from "../../config/config.ts";
import type { Log } from "../../kernel/log.ts";
import { makeFolder } from "../../kernel/make-folder.ts";
import { addressBelow } from "../../kernel/public-address.ts";

/**
 * Where whoever starts a development set-up finds the link that makes its first superuser: a line at a terminal, elsewhere a file
 * that this user alone reads, because a log is kept and read by others (attack: the link taken from a container's log). What lies
 * there of an earlier start is removed. Production gets nothing of it.
 */
export async function offerFirstSuperuser(
  { firstSuperuser }: Pick<App, "firstSuperuser">,
  { environment, dataDir, publicSiteUrl }: Pick<Config, "environment" | "dataDir" | "publicSiteUrl">,
  { isTerminal, log }: { readonly isTerminal: boolean; readonly log: Pick<Log, "warn"> },
): Promise<string | null> {
  if (environment !== "development") return null;
  const file = join(dataDir, "first-superuser-link");
  const token = await firstSuperuser.offer();
  // In the fragment, which no browser sends and no proxy's log has.
  const link = token === null ? null : addressBelow(publicSiteUrl, `/console/first#token=${token}`);
  const line = link !== null && isTerminal ? `First superuser  首个超级管理员（1 h）  ${link}` : null;
  try {
    if (link === null || isTerminal) {
      rmSync(file, { force: true });
      return line;
    }
    keep(file, `${link}\n`);
    log.warn(
      { file },
      "nobody is a superuser: a link in this file makes the first one, once, within an hour",
    );
  } catch (err) {
    log.warn({ err, file }, "no link for a first superuser can be kept in this file: run createsuperuser");
  }
  return line;
}

/** Another process that starts at this time may do the same: one of the two files is there at the end, whole. */
function keep(file: string, text: string): void {
  // With both engines elsewhere nothing else has made it.
  makeFolder(dirname(file), 0o700);
  const own = `${file}.${process.pid}`;
  rmSync(own, { force: true });
  try {
    writeFileSync(own, text, { mode: 0o600, flag: "wx" });
    // Whatever the umask says.
    chmodSync(own, 0o600);
    renameSync(own, file);
  } finally {
    rmSync(own, { force: true });
  }
}
