import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { password } from "./accounts.ts";
import { coldStarts, type StartFigures } from "./cold-start.ts";
import { runLoad } from "./load-generator.ts";
import { measureMail } from "./mail.ts";
import { onLinux, type ProcessUnderTest, pinned } from "./process-under-test.ts";
import { measureProcesses } from "./processes.ts";
import { collectCodes, signUpAll } from "./sign-up.ts";
import { hashConcurrency, openStand, type Stand } from "./stand.ts";
import { type Subject, subjects } from "./subjects.ts";

/**
 * The rounds: every subject once per round, one after another, so that whatever else the machine does hits
 * all of them alike. The server's process has one core, the generator another.
 */
export interface RoundOptions {
  readonly engine: "sqlite" | "postgres";
  readonly rounds: number;
  readonly seconds: number;
  readonly accounts: number;
  readonly only: readonly string[] | null;
}

export interface Sample {
  readonly perSecond: number;
  /** Null where nobody waits for an answer. */
  readonly p50Millis: number | null;
  readonly p99Millis: number | null;
  /** Server CPU per request; null where the system doesn't tell. */
  readonly cpuMicros: number | null;
}

export interface RunResult {
  readonly options: RoundOptions;
  readonly rows: readonly {
    readonly id: string;
    readonly label: string;
    readonly floor?: string;
    readonly samples: readonly Sample[];
  }[];
  readonly start: StartFigures | null;
}

export const cores =
  onLinux && availableParallelism() > 1 ? { server: 0, generator: 1 } : { server: null, generator: null };

/** What `--only` may name. */
export const parts: readonly string[] = [
  ...subjects({ accounts: 1, secretKey: "", nowSeconds: 0 }).map(({ id }) => id),
  ...["busy", "sign-up", "mail", "processes", "start"],
];

export async function runRounds(options: RoundOptions, progress: (text: string) => void): Promise<RunResult> {
  const stand = await openStand({ ...options, core: cores.server, progress });
  // A database of its own: its worker would else send the mails of the API alone, on the core that is measured.
  const productStand = await openStand({ ...options, core: cores.server, progress });
  const servers = new Map<string, ProcessUnderTest>();
  try {
    const nowSeconds = Math.floor((performance.timeOrigin + performance.now()) / 1000);
    const all = subjects({ ...options, secretKey: stand.secretKey, nowSeconds });
    const wanted = (id: string) => options.only === null || options.only.includes(id);
    servers.set("floor", await stand.startFloor());
    servers.set("api", await stand.startServer("serve"));
    servers.set("apart", await stand.startServer("serve", { HASH_CONCURRENCY: "1" }, null));
    servers.set("product", await productStand.startServer("start"));
    const rows = new Map<string, { id: string; label: string; floor?: string; samples: Sample[] }>();
    const add = (id: string, label: string, sample: Sample, floor?: string) => {
      const row = rows.get(id) ?? { id, label, ...(floor ? { floor } : {}), samples: [] };
      row.samples.push(sample);
      rows.set(id, row);
    };
    for (let round = 1; round <= options.rounds; round++) {
      for (const subject of all.filter(({ id }) => wanted(id))) {
        progress(`round ${round} of ${options.rounds}: ${subject.label}`);
        const server = servers.get(subject.server) as ProcessUnderTest;
        add(
          subject.id,
          subject.label,
          await measure(
            subject,
            server,
            stand,
            isHashing(subject) ? logInSeconds(options) : options.seconds,
            round,
          ),
          subject.floor,
        );
        if (subject.server === "product") await settled(server);
      }
      const api = servers.get("api") as ProcessUnderTest;
      if (wanted("login")) {
        progress(`round ${round} of ${options.rounds}: bare argon2 verify`);
        const bare = { seconds: logInSeconds(options), concurrency: hashConcurrency, core: cores.server };
        add("login-floor", "bare argon2 verify, two at once, one core", await bareHash(stand, bare));
      }
      if (wanted("login-apart")) {
        progress(`round ${round} of ${options.rounds}: bare argon2 verify, one at once`);
        const bare = { seconds: logInSeconds(options), concurrency: 1, core: null };
        add("login-apart-floor", "bare argon2 verify, one at once", await bareHash(stand, bare));
      }
      if (wanted("busy")) {
        const count = all.find(({ id }) => id === "count") as Subject;
        const logIns = all.find(({ id }) => id === "login") as Subject;
        const few = { ...count, connections: 4 };
        progress(`round ${round} of ${options.rounds}: count, idle and while log-ins saturate`);
        add(
          "count-idle",
          "user-name count, 4 clients, otherwise idle",
          await measure(few, api, stand, options.seconds, round),
        );
        const saturating = measure(logIns, api, stand, options.seconds + 2, round);
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const busy = await measure(few, api, stand, options.seconds, round);
        // The process's CPU goes to the hashes here; only the times say something about the counts.
        add("count-busy", "user-name count, 4 clients, while log-ins saturate", { ...busy, cpuMicros: null });
        await saturating;
      }
      if (wanted("sign-up")) {
        progress(`round ${round} of ${options.rounds}: sign-up`);
        add(
          "sign-up",
          "sign-up (argon2id 19 MiB, t=2)",
          await signUps(servers.get("product") as ProcessUnderTest, round),
        );
        await settled(servers.get("product") as ProcessUnderTest);
      }
    }
    for (const server of servers.values()) await server.stop();
    servers.clear();
    if (wanted("mail")) {
      const samples = await measureMail(options, progress);
      rows.set("mail", { id: "mail", label: "mails sent by one worker process", samples: [...samples] });
    }
    if (wanted("processes") && options.engine === "postgres") {
      for (const row of await measureProcesses(options, progress))
        rows.set(row.id, { ...row, samples: [...row.samples] } as never);
    }
    const start = wanted("start") ? await measureStart(options, progress) : null;
    return { options, rows: [...rows.values()], start };
  } finally {
    for (const server of servers.values()) await server.stop();
    await stand.close();
    await productStand.close();
  }
}

/** On a database of its own: that of the rounds holds thousands of mails, which each start would begin to send. */
async function measureStart(options: RoundOptions, progress: (text: string) => void): Promise<StartFigures> {
  const stand = await openStand({ ...options, core: cores.server, progress });
  try {
    return await coldStarts(stand, progress);
  } finally {
    await stand.close();
  }
}

/** The two hashes under way when the time is over count for nobody: of those of two seconds they are a hundredth. */
function logInSeconds({ seconds }: RoundOptions): number {
  return Math.max(8, seconds);
}

/** Waits until a worker has done what was left to it: the next subject has the core for itself. */
async function settled(server: ProcessUnderTest): Promise<void> {
  const until = performance.now() + 120_000;
  for (;;) {
    const before = server.cpuMicros();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = server.cpuMicros();
    if (before === null || after === null || after - before < 15_000) return;
    if (performance.now() > until) throw new Error("the worker was still busy after 120 s");
  }
}

export async function measure(
  subject: Subject,
  server: ProcessUnderTest,
  stand: Stand,
  seconds: number,
  round: number,
): Promise<Sample> {
  const load = {
    origin: server.origin,
    requests: subject.requests,
    connections: subject.connections,
    core: cores.generator,
    folder: stand.folder,
  };
  // Compiles the hot paths before the first round counts; V8 waits for some hundred calls.
  const warmSeconds = isHashing(subject) ? 8 : 1;
  if (round === 1)
    await runLoad({ ...load, seconds: warmSeconds, firstNumber: subject.id.length * 100_000_000 });
  const before = server.cpuMicros();
  const result = await runLoad({
    ...load,
    seconds,
    firstNumber: subject.id.length * 100_000_000 + round * 1_000_000,
  });
  return sampleOf(result, before, server.cpuMicros());
}

async function signUps(server: ProcessUnderTest, round: number): Promise<Sample> {
  const codes = await collectCodes(server.origin, round * 1000, 120);
  const before = server.cpuMicros();
  const result = await signUpAll(server.origin, codes, 8);
  if (result.errors > 0) throw new Error(`${result.errors} sign-ups were refused`);
  return sampleOf(result, before, server.cpuMicros());
}

const isHashing = ({ id }: Subject) => id.startsWith("login") && id !== "login-read-floor";

async function bareHash(
  stand: Stand,
  { seconds, concurrency, core }: { seconds: number; concurrency: number; core: number | null },
): Promise<Sample> {
  const main = fileURLToPath(new URL("hash-floor-main.ts", import.meta.url));
  const args = [main, stand.passwordHash, password, String(concurrency), String(seconds)];
  const child = spawn(...pinned(core, process.execPath, args), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await new Promise((resolve) => child.once("close", resolve));
  const { requests, seconds: taken } = JSON.parse(output) as { requests: number; seconds: number };
  const each = (taken / requests) * 1000 * concurrency;
  return { perSecond: requests / taken, p50Millis: each, p99Millis: each, cpuMicros: null };
}

function sampleOf(
  result: { requests: number; seconds: number; p50Millis: number; p99Millis: number },
  before: number | null,
  after: number | null,
): Sample {
  return {
    perSecond: result.requests / result.seconds,
    p50Millis: result.p50Millis,
    p99Millis: result.p99Millis,
    cpuMicros: before === null || after === null ? null : (after - before) / result.requests,
  };
}
