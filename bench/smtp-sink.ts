import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { end, pinned } from "./process-under-test.ts";

/** A mail server, or a vendor of SMS, that takes everything, as a process of its own (smtp-sink-main.ts, sms-sink-main.ts). */
export interface Sink {
  readonly port: number;
  /** Mails taken so far. */
  count(): Promise<number>;
  /** Resolves when it has taken so many; `check` may throw meanwhile. Rejects after 60 s. */
  reaches(mails: number, check: () => void): Promise<void>;
  close(): Promise<void>;
}

export async function startSink(core: number | null, program = "smtp-sink-main.ts"): Promise<Sink> {
  const main = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(...pinned(core, process.execPath, [main]), { stdio: ["pipe", "pipe", "inherit"] });
  const line = () =>
    new Promise<string>((resolve) => child.stdout.once("data", (chunk) => resolve(String(chunk))));
  const port = Number(await line());
  const count = async () => {
    const answer = line();
    child.stdin.write("\n");
    return Number(await answer);
  };
  return {
    port,
    count,
    async reaches(mails, check) {
      const until = performance.now() + 60_000;
      while ((await count()) < mails) {
        check();
        if (performance.now() > until) throw new Error("the queue ran empty, or the worker sends nothing");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    close: () => end(child),
  };
}
