import { measureWorker } from "../mail.ts";
import { cores, isHashing, measure, type Sample } from "../measure.ts";
import type { ProcessUnderTest } from "../process-under-test.ts";
import { collectCodes, signUpAll } from "../sign-up.ts";
import type { Sink } from "../smtp-sink.ts";
import { type Engine, openStand, type Stand } from "../stand.ts";
import { type Subject, subjectsOn } from "../subjects.ts";

/** One of the two versions on its own stand, and what each row costs it. */
export interface Contestant {
  /** Starts its API, a new process for each pair: how V8 compiled it this time is chance, too. */
  start(): Promise<ProcessUnderTest>;
  stop(): Promise<void>;
  /** Runs a subject's load without counting: until V8 has compiled what is called often. */
  warmUp(id: string): Promise<void>;
  load(id: string): Promise<Sample>;
  signUp(): Promise<Sample>;
  /** With what the code requests have queued. */
  mail(sink: Sink): Promise<Sample>;
  close(): Promise<void>;
}

export interface ContestantOptions {
  readonly tree: string;
  readonly engine: Engine;
  readonly accounts: number;
  readonly seconds: number;
  /** Pairs in which people sign up; each takes codes, which are asked for here, before anything is measured. */
  readonly signUpPairs: number;
  readonly progress: (text: string) => void;
}

/** Until V8 has compiled what they call; by number and not by time, for a busy machine sends fewer in a second. */
const [warmRequests, warmLogIns] = [5_000, 20];

/** Enough that a tick of the CPU's clock is nothing, few enough that collecting their codes is quick. */
const signUpsAPair = 40;

export async function enter(options: ContestantOptions): Promise<Contestant> {
  const { tree, engine, accounts, seconds, progress } = options;
  const stand = await openStand({ tree, engine, accounts, core: cores.server, progress });
  try {
    const codes = await firstStart(stand, options.signUpPairs * signUpsAPair);
    const all = subjectsOn(stand, accounts).map((subject) => [subject.id, subject] as const);
    return contestantOn(stand, new Map(all), codes, seconds);
  } catch (error) {
    await stand.close();
    throw error;
  }
}

function contestantOn(
  stand: Stand,
  all: ReadonlyMap<string, Subject>,
  codes: [string, string][],
  seconds: number,
): Contestant {
  let server: ProcessUnderTest | null = null;
  const on = (id: string) => {
    const subject = all.get(id)!;
    const long = isHashing(subject) ? 2 * seconds : seconds;
    return { subject, server: server!, stand, seconds: long };
  };
  const stop = async () => {
    await server?.stop();
    server = null;
  };
  return {
    async start() {
      server = await stand.startServer("serve");
      return server;
    },
    stop,
    async warmUp(id) {
      const what = { ...on(id), isWarmUp: true };
      const wanted = isHashing(what.subject) ? warmLogIns : warmRequests;
      for (let sent = 0; sent < wanted; ) sent += (await measure(what)).perSecond * what.seconds;
    },
    load: (id) => measure(on(id)),
    signUp: () => signUpAll(server!, new Map(codes.splice(0, signUpsAPair))),
    mail: (sink) => measureWorker(stand, sink, seconds),
    async close() {
      await stop();
      await stand.close();
    },
  };
}

/** Not counted: it leaves the compiled modules behind, which every later start finds. */
async function firstStart(stand: Stand, codes: number): Promise<[string, string][]> {
  const server = await stand.startServer("serve");
  const worker = codes > 0 ? stand.startWorker({}, null) : null;
  try {
    return [...(await collectCodes(server.origin, codes))];
  } finally {
    await worker?.stop();
    await server.stop();
  }
}
