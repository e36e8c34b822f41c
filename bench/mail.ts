import { runLoad } from "./load/load.ts";
import { cores, costOf, type Sample } from "./measure.ts";
import { cpuMicrosOf } from "./process-under-test.ts";
import type { RoundOptions } from "./rounds.ts";
import { type Sink, startSink } from "./smtp-sink.ts";
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
  const sink = await startSink(cores.generator);
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
      ...{ origin: api.origin, requests: [{ path }], folder: stand.folder },
      ...{ loop: { kind: "closed", connections: 32 } as const, core: cores.generator, seconds: 2 },
      firstNumber: round * 10_000_000 + part * 1_000_000,
    });
    jobs += requests;
  }
  await api.stop();
}

/** Mails of one worker. Rejects where its queue ran empty. */
export function measureWorker(stand: Stand, sink: Sink, seconds: number): Promise<Sample> {
  const environment = {
    SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
    EMAIL_FROM: "accounts@example.com",
    // As for your own relay; the default of 4 is what free accounts at 163 and QQ bear.
    SMTP_CONNECTIONS: "16",
  };
  return workerSample({ stand, sink, environment }, seconds);
}

/** By what a worker sends. */
export interface Outgoing {
  readonly stand: Stand;
  readonly sink: Sink;
  readonly environment: Readonly<Record<string, string>>;
}

/** What one worker does in some seconds with a queue that holds more. Rejects where it ran empty. */
export async function workerSample({ stand, sink, environment }: Outgoing, seconds: number): Promise<Sample> {
  const first = await sink.count();
  const worker = stand.startWorker(environment, cores.server);
  try {
    await sink.reaches(first + warmUpMails, worker.check);
    const pid = worker.pid();
    const cpuBefore = cpuMicrosOf(pid);
    const [before, began] = [await sink.count(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const [after, ended] = [await sink.count(), performance.now()];
    const cpuMicros = costOf(cpuBefore, cpuMicrosOf(pid), after - before);
    // One that ran empty would be measured waiting.
    await sink.reaches(after + 1, worker.check);
    return { perSecond: ((after - before) / (ended - began)) * 1000, cpuMicros };
  } finally {
    await worker.stop();
  }
}
