import { describeTutorialHosts } from "../../config/tutorial-hosts.ts";
import { databaseLine } from "../../engines/database/database-in-use.ts";
import { createLog, type Log } from "../../kernel/log.ts";
import { logDestination } from "../../kernel/readable-log.ts";
import { isUnderNpx } from "../../process/launcher.mjs";
import { reportReady } from "../../process/ready-notice.ts";
import type { ConfigContext, HostProcess } from "../command/contexts.ts";
import { refuseUnsafe } from "../doctor/settings-checks.ts";
import { offerFirstSuperuser } from "./first-superuser.ts";
import { inheritedSockets } from "./inherited-sockets.ts";
import { isApiProcess, onParentLost, reportServing } from "./processes.ts";
import { setUpOf } from "./set-up.ts";
import { lastStopSeconds, type Parts, type Running, startProduct } from "./start.ts";

/**
 * Starts these parts and resolves when they answer. From then on a signal stops them in order and ends the process, with 0;
 * what takes too long is cut off, with 1.
 */
export async function runUntilStopped(
  { completeConfig, source, terminal, host, clock }: ConfigContext,
  parts: Parts,
  tellsHosts: boolean,
): Promise<void> {
  // Before the data folder is made: a start that is refused leaves nothing behind.
  if (!isApiProcess()) refuseUnsafe(completeConfig("look"));
  const config = completeConfig("make");
  const log = createLog(config.logLevel, logDestination(config.logFormat, process.stdout, source.NO_COLOR));
  const mine = isApiProcess() ? { api: true, site: false, worker: false } : parts;
  // An API process has what was handed to the one that started it.
  const sockets = inheritedSockets(source, isApiProcess() ? process.ppid : process.pid);
  const setUp = setUpOf({ source, environment: host.environment ?? {} }, config, clock);
  const running = await startProduct({ config, log }, mine, { sockets, overrides: { setUp } });
  stopOnSignal(running, log, host);
  // Only now: who started this process may stop it at once, and a signal that nobody heeds cuts off who is connected.
  reportServing();
  if (isApiProcess()) return;
  if (isUnderNpx(source) && !terminal.isInteractive) terminal.note(forSupervisors[terminal.language]);
  const { isTTY: isTerminal = false } = process.stdout;
  const first = parts.site ? await offerFirstSuperuser(running.app, config, { isTerminal, log }) : null;
  // Last: whoever waits for it may stop the process at once.
  terminal.print([running.banner, databaseLine(config), ...(first === null ? [] : [first])].join("\n  "));
  reportReady(source.NOTIFY_SOCKET, log);
  if (tellsHosts) terminal.print(`  ${await describeHosts()}`);
}

const forSupervisors = {
  zh: "进程管理器应直接启动 node_modules/.bin/meiduo-accounts：npx 不转发信号，本程序要在它消失之后才会停止。",
  en: "A supervisor starts node_modules/.bin/meiduo-accounts itself: npx passes no signals on, and this process stops only after npx is gone.",
} as const;

function stopOnSignal(running: Running, log: Log, host: HostProcess): void {
  let stopping = false;
  const stop = async () => {
    // Ctrl-C reaches this process from the terminal and again from the launcher; once is enough.
    if (stopping) return;
    stopping = true;
    const limit = isApiProcess() ? lastStopSeconds.apiProcess : lastStopSeconds.process;
    setTimeout(() => {
      log.error({}, "stopping takes too long; what is in hand is cut off");
      host.exit(1);
    }, limit * 1000);
    await running.stop();
    host.exit(0);
  };
  onParentLost(() => void stop());
  host.onSignal(() => void stop());
}

async function describeHosts(): Promise<string> {
  const { lookup } = await import("node:dns/promises");
  const lookUp = async (name: string) => (await lookup(name, { all: true })).map(({ address }) => address);
  return describeTutorialHosts(lookUp, process.platform);
}
