/**
 * Does the work of one subject one piece after another, in the order it came; different subjects run at once. For work
 * that would have to wait anyway, but would meanwhile hold something that everybody shares. Each process has its own.
 *
 * Nobody waits without a bound: work whose turn hasn't come within `limitMillis` is refused with the error that
 * `refusal` makes, and is never begun, even when its turn comes later (guard: in-turn.test.ts). How long the work itself
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
