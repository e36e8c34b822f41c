import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync, StatementSync } from "node:sqlite";

/** The longest that the event loop was held since `reset`, in milliseconds. */
export interface Held {
  /** Inside one call of the database, and which. */
  readonly call: number;
  readonly sql: string;
  /** Between two turns, whatever they did. */
  readonly turn: number;
}

export interface Stopwatch {
  reset(): void;
  read(): Held;
}

/** Times every call of node:sqlite in this thread from now on. */
export function startStopwatch(): Stopwatch {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let call = 0;
  let sql = "";
  const time = (prototype: object, name: string, textOf: (self: unknown, given: unknown[]) => string) => {
    const methods = prototype as Record<string, (...given: unknown[]) => unknown>;
    const original = methods[name]!;
    methods[name] = function (this: unknown, ...given: unknown[]) {
      const began = performance.now();
      try {
        return original.apply(this, given);
      } finally {
        const took = performance.now() - began;
        if (took > call) [call, sql] = [took, textOf(this, given)];
      }
    };
  };
  for (const name of ["all", "get", "run"])
    time(StatementSync.prototype, name, (self) => (self as StatementSync).sourceSQL);
  for (const name of ["exec", "prepare"]) time(DatabaseSync.prototype, name, (_, [text]) => String(text));
  return {
    reset() {
      [call, sql] = [0, ""];
      delay.reset();
    },
    read: () => ({ call, sql, turn: delay.max / 1e6 }),
  };
}
