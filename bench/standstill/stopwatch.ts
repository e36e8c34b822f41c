import { DatabaseSync, StatementSync } from "node:sqlite";

/** The longest that the event loop was held since `reset`, in milliseconds. */
export interface Held {
  /** Inside one call of the database, and which. */
  readonly call: number;
  /** What this thread worked in the call that it worked longest in; on a busy machine the rest is somebody else's. */
  readonly callCpu: number;
  readonly sql: string;
  /** Between two turns of the event loop, whatever they did: a handler that waits for no engine is one turn. */
  readonly turn: number;
  /** What this thread worked in the one that it worked longest in. */
  readonly turnCpu: number;
}

export interface Stopwatch {
  reset(): void;
  read(): Held;
  stop(): void;
}

const none: Held = { call: 0, callCpu: 0, sql: "", turn: 0, turnCpu: 0 };

/** Times every call of node:sqlite in this thread, and every turn, from now on. */
export function startStopwatch(): Stopwatch {
  let held = none;
  timeCalls((call, callCpu, sql) => {
    held = {
      ...held,
      call: Math.max(held.call, call),
      ...(callCpu > held.callCpu ? { callCpu, sql } : {}),
    };
  });
  let [began, cpuBefore] = [performance.now(), cpuMillis()];
  const turned = () => {
    const [now, cpu] = [performance.now(), cpuMillis()];
    held = {
      ...held,
      turn: Math.max(held.turn, now - began),
      turnCpu: Math.max(held.turnCpu, cpu - cpuBefore),
    };
    [began, cpuBefore] = [now, cpu];
    // One in each turn; the loop never sleeps meanwhile.
    next = setImmediate(turned);
  };
  let next = setImmediate(turned);
  return {
    reset() {
      held = none;
      [began, cpuBefore] = [performance.now(), cpuMillis()];
    },
    read: () => held,
    stop: () => clearImmediate(next),
  };
}

function cpuMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function timeCalls(took: (millis: number, cpu: number, sql: string) => void): void {
  const time = (prototype: object, name: string, textOf: (self: unknown, given: unknown[]) => string) => {
    const methods = prototype as Record<string, (...given: unknown[]) => unknown>;
    const original = methods[name]!;
    methods[name] = function (this: unknown, ...given: unknown[]) {
      const [began, cpu] = [performance.now(), cpuMillis()];
      try {
        return original.apply(this, given);
      } finally {
        took(performance.now() - began, cpuMillis() - cpu, textOf(this, given));
      }
    };
  };
  for (const name of ["all", "get", "run"])
    time(StatementSync.prototype, name, (self) => (self as StatementSync).sourceSQL);
  for (const name of ["exec", "prepare"]) time(DatabaseSync.prototype, name, (_, [text]) => String(text));
}
