/**
 * Does work of one subject one after the other, in the order it came; of different subjects at once. For work that
 * would wait for each other anyway, but holding something that everybody shares. Of each process.
 */
export function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return async function inTurn<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    const before = last.get(subject);
    const mine = before === undefined ? work() : before.then(work);
    const settled = mine.catch(() => {});
    last.set(subject, settled);
    try {
      return await mine;
    } finally {
      if (last.get(subject) === settled) last.delete(subject);
    }
  };
}
