/**
 * Resolves in the event loop's next turn, after whatever waits has had its own. Between two pieces of long work: on SQLite a
 * query is answered at once, so that any number of them, one after another, are a single turn.
 */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
