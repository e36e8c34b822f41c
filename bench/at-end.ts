/**
 * What must be undone whatever ends this process: a run to its end, a failure, Ctrl-C, `kill`. Only the last things,
 * and none of them waits: the process is about to go.
 */
const undone = new Set<() => void>();
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Has `undo` called when this process ends, the latest first. Returns how to forget it. */
export function atEnd(undo: () => void): () => void {
  if (undone.size === 0) listen();
  undone.add(undo);
  return () => undone.delete(undo);
}

function listen(): void {
  process.off("exit", undoAll).once("exit", undoAll);
  // Without a listener a signal ends the process before "exit".
  for (const signal of Object.keys(signals) as (keyof typeof signals)[])
    process.off(signal, leave).once(signal, leave);
}

function leave(signal: keyof typeof signals): void {
  process.exit(signals[signal]);
}

function undoAll(): void {
  for (const undo of [...undone].reverse()) {
    try {
      undo();
    } catch (error) {
      // The others are undone all the same.
      process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    }
  }
}
