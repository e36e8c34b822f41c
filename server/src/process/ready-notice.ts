import { execFile } from "node:child_process";
import type { Log } from "../kernel/log.ts";

/**
 * Tells systemd that the product serves (sd_notify(3)), where it asked for that: so `systemctl restart` of one machine
 * ends when visitors are answered again, and the next may follow. By systemd's own program, since Node can't send to
 * the datagram socket the notice goes to; the unit has NotifyAccess=all for it.
 */
export function reportReady(notifySocket: string | undefined, log: Pick<Log, "warn">): void {
  if (!notifySocket) return;
  execFile("systemd-notify", ["--ready", `--pid=${process.pid}`], (error) => {
    if (error) log.warn({ err: error }, "systemd could not be told that the product is ready");
  });
}
