import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/**
 * Takes what was committed from the WAL into the file, in a thread of its own. SQLite does so inside a commit: it writes
 * 16 MB and syncs the file twice, and with node:sqlite the whole process stands still meanwhile. The first commit into a WAL
 * that begins anew syncs the disk, too; the thread makes that one, of a page that stays as it is. Promise: nothing depends
 * on it. Where the thread can't be had, or doesn't keep up, SQLite does it in a commit as before, at ten times as many pages.
 *
 * The thread is made when it is needed for the first time, and goes when it was not for a while: it holds some megabytes.
 */
export interface Checkpoints {
  /** After a commit. */
  committed(): void;
  /**
   * Has the WAL taken into the file and emptied, soon: it has pages as they were before what was deleted last. Whoever reads meanwhile
   * has it wait, and is not waited for with writers held up (guard: deleted-bytes.test.ts).
   */
  truncate(): void;
  /** Ends the thread; before the connections are closed. */
  stop(): Promise<void>;
}

/** Pages that wait in the WAL when the thread is called, and where a commit takes it that it failed. More would hold commits up, whose blocks the system finds while it syncs those before. */
export const callAt = 2000;
export const threadFailsAt = 40_000;
/** Where there is no thread: rarer ones, of 16 MB, write the busy pages less often. */
export const withoutThreadAt = 4000;
/** Pages of a WAL that writes never let end: then the thread holds them up for once, so that it begins anew. */
const restartAt = 8_000;
/** How long the thread waits for its turn among writers that follow each other, in milliseconds. */
const turnMillis = 200;
/** Commits between two looks. */
const lookEvery = 16;
/** Milliseconds after which an unused thread goes. */
const idleMillis = 30_000;

/** SQLite 3.51 is the first that tells how long the WAL is without doing anything about it. */
export const tellsLength = (() => {
  const [major = 0, minor = 0] = process.versions.sqlite?.split(".").map(Number) ?? [];
  return major > 3 || (major === 3 && minor >= 51);
})();

/** How long emptying the WAL may keep writers waiting for somebody who reads, in milliseconds, before it is tried again later. */
const truncateMillis = 20;
/** Milliseconds to the next try, each twice as long as the one before. */
const truncateAgain = { first: 1_000, longest: 60_000 } as const;

type Wish = "passive" | "restart" | "truncate" | "stop";

export function createCheckpoints(file: string, writer: DatabaseSync): Checkpoints {
  let look: StatementSync | null = null;
  let commits = 0;
  let thread: Worker | null = null;
  let isBusy = false;
  let isToTruncate = false;
  let again: NodeJS.Timeout | undefined;
  let pause: number = truncateAgain.first;

  function ask(wish: Wish): void {
    isBusy = true;
    thread ??= start();
    thread.postMessage(wish);
  }

  function start(): Worker {
    const made = new Worker(new URL(import.meta.url), {
      workerData: { checkpointsOf: file },
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
    });
    const gone = () => {
      if (thread === made) [thread, isBusy] = [null, false];
    };
    made.on("message", ({ wish, isEmpty }: Answer) => {
      isBusy = false;
      if (wish === "truncate") later(isEmpty);
      truncateIfAsked();
    });
    // Whatever it was, the next look calls another, and a commit does what none did.
    made.on("error", gone);
    made.on("exit", gone);
    made.unref();
    return made;
  }

  function truncateIfAsked(): void {
    if (!isToTruncate || isBusy || again !== undefined) return;
    isToTruncate = false;
    ask("truncate");
  }

  /** Where it was not empty, again in a while. */
  function later(isEmpty: boolean): void {
    if (isEmpty) {
      pause = truncateAgain.first;
      return;
    }
    isToTruncate = true;
    again = setTimeout(() => {
      again = undefined;
      truncateIfAsked();
    }, pause);
    again.unref();
    pause = Math.min(pause * 2, truncateAgain.longest);
  }

  return {
    truncate() {
      isToTruncate = true;
      truncateIfAsked();
    },
    committed() {
      if (++commits % lookEvery !== 0 || isBusy) return;
      look ??= writer.prepare("pragma wal_checkpoint(noop)");
      const { log, checkpointed } = look.get() as { log: number; checkpointed: number };
      if (log - checkpointed >= callAt || log >= restartAt) ask(log >= restartAt ? "restart" : "passive");
    },
    async stop() {
      clearTimeout(again);
      const last = thread;
      if (last === null) return;
      const ended = new Promise((resolve) => last.once("exit", resolve));
      last.ref();
      last.postMessage("stop" satisfies Wish);
      await ended;
    },
  };
}

const sqliteBusy = 5;

interface Answer {
  readonly wish: Wish;
  readonly isEmpty: boolean;
}

interface Length {
  readonly log: number;
  readonly checkpointed: number;
}

/** The thread itself. */
async function serve(file: string): Promise<void> {
  const { DatabaseSync } = await import("node:sqlite");
  const connection = new DatabaseSync(file, { timeout: turnMillis });
  connection.exec("pragma synchronous = normal; pragma wal_autocheckpoint = 0");
  const port = parentPort!;
  let idle: NodeJS.Timeout | undefined;
  const end = () => {
    connection.close();
    port.close();
  };
  const checkpoint = (kind: Exclude<Wish, "stop">) =>
    connection.prepare(`pragma wal_checkpoint(${kind})`).get() as unknown as Length;
  port.on("message", (wish: Wish) => {
    clearTimeout(idle);
    if (wish === "stop") return end();
    let isEmpty = true;
    try {
      let { log, checkpointed } = checkpoint("passive");
      // Of what came meanwhile: until it is done writers are refused, and wait between turns (sqlite-lock.ts).
      if (wish === "restart") ({ log, checkpointed } = checkpoint("restart"));
      if (wish === "truncate") {
        connection.exec(`pragma busy_timeout = ${truncateMillis}`);
        ({ log, checkpointed } = checkpoint("truncate"));
        connection.exec(`pragma busy_timeout = ${turnMillis}`);
        isEmpty = log === 0;
      }
      if (log === checkpointed) beginAnew(connection);
    } finally {
      port.postMessage({ wish, isEmpty } satisfies Answer);
      idle = setTimeout(end, idleMillis);
    }
  });
}

/** Writes the file's first page as it is. Whoever came first has begun the WAL anew already. */
function beginAnew(connection: DatabaseSync): void {
  connection.exec("pragma busy_timeout = 0");
  try {
    connection.exec("begin immediate");
    const { user_version: version } = connection.prepare("pragma user_version").get() as {
      user_version: number;
    };
    connection.exec(`pragma user_version = ${version}; commit`);
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== sqliteBusy) throw error;
  } finally {
    connection.exec(`pragma busy_timeout = ${turnMillis}`);
  }
}

const asked = (workerData as { readonly checkpointsOf?: string } | null)?.checkpointsOf;
if (!isMainThread && asked !== undefined) await serve(asked);
