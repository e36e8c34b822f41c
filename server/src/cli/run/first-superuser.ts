import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../../app/app-interface.ts";
import type { Config } from "../../config/config.ts";
import type { Log } from "../../kernel/log.ts";
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
  rmSync(file, { force: true });
  const token = await firstSuperuser.offer();
  if (token === null) return null;
  // In the fragment, which no browser sends and no proxy's log has.
  const link = addressBelow(publicSiteUrl, `/console/first#token=${token}`);
  if (isTerminal) return `First superuser  首个超级管理员（1 h）  ${link}`;
  writeFileSync(file, `${link}\n`, { mode: 0o600, flag: "wx" });
  // Whatever the umask says.
  chmodSync(file, 0o600);
  log.warn({ file }, "nobody is a superuser: a link in this file makes the first one, once, within an hour");
  return null;
}
