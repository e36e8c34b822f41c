/**
 * Does work of one subject one after the other, in the order it came; of different subjects at once. For work that
 * would wait for each other anyway, but holding something that everybody shares. Of each process.
 *
 * Nobody waits without a bound: whose turn hasn't come within `limitMillis` is refused, by the error that `refusal`
 * makes, and its work is never begun, also when its turn comes later (guard: in-turn.test.ts). How long the work itself
 * takes is the work's own business.
 */
export function createTurns(limitMillis: number, refusal: () => Error) {
  const last = new Map<string, Promise<void>>();
  return async function inTurn<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    const { promise: mine, resolve, reject } = Promise.withResolvers<Result>();
    const before = last.get(subject);
    let settled: Promise<void>;
    if (before === undefined) {
      resolve(work());
      settled = mine.then(ignore, ignore);
    } else {
      let refused = false;
      const limit = setTimeout(() => {
        refused = true;
        reject(refusal());
      }, limitMillis);
      settled = before.then(async () => {
        clearTimeout(limit);
        if (refused) return;
        resolve(work());
        await mine.then(ignore, ignore);
      });
    }
    last.set(subject, settled);
    try {
      return await mine;
    } finally {
      void settled.then(() => {
        if (last.get(subject) === settled) last.delete(subject);
      });
    }
  };
}

function ignore(): void {}
