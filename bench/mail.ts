import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runLoad } from "./load-generator.ts";
import { cpuMicrosOf, end, pinned } from "./process-under-test.ts";
import { cores, type RoundOptions, type Sample } from "./rounds.ts";
import { openStand, type Stand } from "./stand.ts";

/**
 * How many mails one worker process sends. Code requests fill the queue while no worker runs; then one worker,
 * alone on its core, empties it into a mail server that takes everything. A stand of its own: no other worker
 * may take the jobs.
 */
export async function measureMail(
  options: RoundOptions,
  progress: (text: string) => void,
): Promise<readonly Sample[]> {
  const stand = await openStand({ engine: options.engine, accounts: 10, core: cores.server, progress });
  const sink = await startSink();
  try {
    const samples: Sample[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      progress(`round ${round} of ${options.rounds}: mails of one worker process`);
      await fillQueue(stand, options.seconds, round);
      samples.push(await measureWorker(stand, sink, options.seconds));
    }
    return samples;
  } finally {
    await sink.close();
    await stand.close();
  }
}

/** Mails sent before the measuring begins: connections are open and the hot paths compiled. */
const warmUpMails = 500;

async function fillQueue(stand: Stand, seconds: number, round: number): Promise<void> {
  const api = await stand.startServer("serve");
  const path = "/verifications/email_codes/mail_{n}@example.com/";
  // More than any worker sends in the time.
  const wanted = warmUpMails + (seconds + 1) * 1500;
  for (let jobs = 0, part = 0; jobs < wanted; part++) {
    const { requests } = await runLoad({
      ...{ origin: api.origin, requests: [{ path }], connections: 32, folder: stand.folder },
      ...{ core: cores.generator, seconds: 2, firstNumber: round * 10_000_000 + part * 1_000_000 },
    });
    jobs += requests;
  }
  await api.stop();
}

async function measureWorker(stand: Stand, sink: Sink, seconds: number): Promise<Sample> {
  const worker = await startWorker(stand, sink.port);
  try {
    const first = await sink.count();
    await sink.reaches(first + warmUpMails);
    const cpuBefore = cpuMicrosOf(worker.pid as number);
    const [before, began] = [await sink.count(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const [after, ended] = [await sink.count(), performance.now()];
    const cpuAfter = cpuMicrosOf(worker.pid as number);
    const mails = after - before;
    // One that ran empty would be measured waiting.
    await sink.reaches(after + 1);
    return {
      perSecond: (mails / (ended - began)) * 1000,
      p50Millis: null,
      p99Millis: null,
      cpuMicros: cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / mails,
    };
  } finally {
    await end(worker);
  }
}

async function startWorker(stand: Stand, smtpPort: number): Promise<ChildProcess> {
  const main = fileURLToPath(new URL("../server/src/main.ts", import.meta.url));
  const log = join(stand.folder, "work.log");
  const output = openSync(log, "w");
  const mail = {
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    EMAIL_FROM: "accounts@example.com",
    // As for a relay of one's own; the default of 4 is what free accounts at 163 and QQ bear.
    SMTP_CONNECTIONS: "16",
  };
  const child = spawn(...pinned(cores.server, process.execPath, [main, "work"]), {
    env: { ...process.env, ...stand.environment, ...mail },
    stdio: ["ignore", output, output],
  });
  while (!readFileSync(log, "utf8").includes("is ready")) {
    if (child.exitCode !== null) throw new Error(`the worker ended at once:\n${readFileSync(log, "utf8")}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

interface Sink {
  readonly port: number;
  count(): Promise<number>;
  reaches(mails: number): Promise<void>;
  close(): Promise<void>;
}

async function startSink(): Promise<Sink> {
  const main = fileURLToPath(new URL("smtp-sink-main.ts", import.meta.url));
  const child = spawn(...pinned(cores.generator, process.execPath, [main]), {
    stdio: ["pipe", "pipe", "inherit"],
  });
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
    async reaches(mails) {
      const until = performance.now() + 60_000;
      while ((await count()) < mails) {
        if (performance.now() > until) throw new Error("the queue ran empty, or the worker sends nothing");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    close: () => end(child),
  };
}
