import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A process that is ended and started anew when its sources change, and waits for the next change where it fails. */
export interface RestartedProcess {
  /** Ends what runs and starts anew; asked again meanwhile, once more. */
  restart(): void;
  /** Resolves once it serves, or has ended without having been asked to. */
  settled(): Promise<void>;
  /** Resolves once it is gone. */
  stop(): Promise<void>;
}

export interface RestartedProcessOptions {
  /** Arguments of Node. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Seconds for an orderly end; then it is killed. */
  readonly stopSeconds: number;
  /** It ended by itself: what it said stands on the terminal. */
  readonly onFailure: (reason: string | number) => void;
}

export function startRestarted(options: RestartedProcessOptions): RestartedProcess {
  let child: ChildProcess | null = null;
  let unsettled = Promise.withResolvers<void>();
  let wanted = false;
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();

  function launch(): void {
    const mine = spawn(process.execPath, options.args, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: options.env,
    });
    child = mine;
    // The only message there is: it serves.
    mine.on("message", () => unsettled.resolve());
    mine.once("exit", (code, signal) => {
      if (child !== mine) return;
      child = null;
      unsettled.resolve();
      if (!stopped) options.onFailure(signal ?? code ?? 1);
    });
  }

  async function end(): Promise<void> {
    const mine = child;
    if (mine === null) return;
    child = null;
    const gone = once(mine, "exit");
    mine.kill("SIGTERM");
    const limit = setTimeout(() => mine.kill("SIGKILL"), options.stopSeconds * 1000);
    await gone;
    clearTimeout(limit);
  }

  async function renew(): Promise<void> {
    wanted = false;
    await end();
    if (!stopped) launch();
  }

  launch();
  return {
    restart() {
      if (stopped || wanted) return;
      wanted = true;
      unsettled.resolve();
      unsettled = Promise.withResolvers();
      turn = turn.then(renew);
    },
    settled: () => unsettled.promise,
    async stop() {
      stopped = true;
      await turn;
      await end();
    },
  };
}
