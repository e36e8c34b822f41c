import { bareHash } from "./bare-hash.ts";
import { coldStarts, type StartFigures } from "./cold-start.ts";
import { measureWaits } from "./latency.ts";
import { measureMail } from "./mail.ts";
import { cores, isHashing, measure, type Sample, warmUp } from "./measure.ts";
import type { ProcessUnderTest } from "./process-under-test.ts";
import { measureProcesses } from "./processes.ts";
import { measureSignUps } from "./sign-up.ts";
import { measureSms } from "./sms.ts";
import { type Engine, hashConcurrency, openStand, type Stand } from "./stand.ts";
import { type Subject, subjects, subjectsOn } from "./subjects.ts";

/**
 * The rounds: every subject once per round, one after another, so that whatever else the machine does hits
 * all of them alike.
 */
export interface RoundOptions {
  readonly engine: Engine;
  readonly rounds: number;
  readonly seconds: number;
  readonly accounts: number;
  readonly only: readonly string[] | null;
}

export interface Row {
  readonly id: string;
  readonly label: string;
  readonly floor?: string;
  readonly samples: readonly Sample[];
}

export interface RunResult {
  readonly options: RoundOptions;
  readonly rows: readonly Row[];
  readonly start: StartFigures | null;
}

/** What a round has at hand. */
export interface Field {
  readonly options: RoundOptions;
  readonly stand: Stand;
  readonly servers: Readonly<Record<Subject["server"], ProcessUnderTest>>;
  readonly subjects: readonly Subject[];
  readonly progress: (text: string) => void;
  readonly wants: (part: string) => boolean;
  add(row: Omit<Row, "samples">, sample: Sample): void;
}

/** What `--only` may name. */
export const parts: readonly string[] = [
  ...subjects({ accounts: 1, sessions: 1, secretKey: "", nowSeconds: 0 }).map(({ id }) => id),
  ...["latency", "sign-up", "mail", "sms", "processes", "start"],
];

export async function runRounds(options: RoundOptions, progress: (text: string) => void): Promise<RunResult> {
  const wants = (part: string) => options.only === null || options.only.includes(part);
  const rows = new Map<string, Row & { samples: Sample[] }>();
  const add = (row: Omit<Row, "samples">, sample: Sample) => {
    const kept = rows.get(row.id) ?? { ...row, samples: [] };
    kept.samples.push(sample);
    rows.set(row.id, kept);
  };
  if (parts.slice(0, -4).some(wants)) await runOnField({ options, progress, wants, add });
  const row = (id: string, label: string, samples: readonly Sample[]) => {
    for (const sample of samples) add({ id, label }, sample);
  };
  if (wants("mail")) row("mail", "mails sent by one worker process", await measureMail(options, progress));
  if (wants("sms")) row("sms", "SMS sent by one worker process", await measureSms(options, progress));
  if (wants("processes") && options.engine === "postgres") await measureProcesses(options, progress, add);
  const start = wants("start") ? await measureStart(options, progress) : null;
  return { options, rows: [...rows.values()], start };
}

async function runOnField(given: Pick<Field, "options" | "progress" | "wants" | "add">): Promise<void> {
  const { options, progress } = given;
  const stand = await openStand({ ...options, core: cores.server, progress });
  // A database of its own: its worker would else send the mails of the API alone, on the core that is measured.
  const productStand = await openStand({ ...options, core: cores.server, progress });
  const servers: ProcessUnderTest[] = [];
  const started = async (server: Promise<ProcessUnderTest>) => {
    servers.push(await server);
    return server;
  };
  try {
    const field: Field = {
      ...{ ...given, stand, subjects: subjectsOn(stand, options.accounts) },
      servers: {
        floor: await started(stand.startFloor()),
        api: await started(stand.startServer("serve")),
        apart: await started(stand.startServer("serve", { HASH_CONCURRENCY: "1" }, null)),
        product: await started(productStand.startServer("start")),
        free: await started(
          stand.startServer("serve", { SMS_REQUEST_LIMIT: "0", SMS_REQUEST_LIMIT_PER_DAY: "0" }),
        ),
      },
    };
    for (let round = 1; round <= options.rounds; round++) await runRound(field, round);
  } finally {
    for (const server of servers) await server.stop();
    await stand.close();
    await productStand.close();
  }
}

async function runRound(field: Field, round: number): Promise<void> {
  const { options, servers, stand, wants, add } = field;
  const progress = (label: string) => field.progress(`round ${round} of ${options.rounds}: ${label}`);
  for (const subject of field.subjects.filter(({ id }) => wants(id))) {
    progress(subject.label);
    const { id, label, floor } = subject;
    const server = servers[subject.server];
    const seconds = isHashing(subject) ? logInSeconds(options) : options.seconds;
    if (round === 1) await warmUp({ subject, server, stand, seconds: isHashing(subject) ? 4 : 1 });
    add({ id, label, ...(floor ? { floor } : {}) }, await measure({ subject, server, stand, seconds }));
    if (subject.server === "product") await settled(server);
  }
  const seconds = logInSeconds(options);
  if (wants("login")) {
    progress("bare argon2 verify, two at once");
    const how = { seconds, concurrency: hashConcurrency, core: cores.server };
    add(
      { id: "login-floor", label: "bare argon2 verify, two at once, one core" },
      await bareHash(stand, how),
    );
  }
  if (wants("login-apart")) {
    progress("bare argon2 verify, one at once");
    const how = { seconds, concurrency: 1, core: null };
    add({ id: "login-apart-floor", label: "bare argon2 verify, one at once" }, await bareHash(stand, how));
  }
  if (wants("latency")) await measureWaits(field, progress);
  if (wants("sign-up")) {
    progress("sign-up");
    add({ id: "sign-up", label: "sign-up (argon2id 19 MiB, t=2)" }, await measureSignUps(servers.product));
    await settled(servers.product);
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
