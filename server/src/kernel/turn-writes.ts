import type { Writable } from "node:stream";

/**
 * Lets everything that one turn of the event loop writes to a socket leave in one write, at the turn's end. A write of
 * its own was a third of what a read of PostgreSQL costs the server (figures: bench/README.md, "Taken"). What is alone in its
 * turn waits for nothing else.
 */
export function createTurnWrites(): (socket: Writable) => void {
  let held: Writable | null = null;
  /** Before the first write of a turn; further calls in it do nothing. */
  return function hold(socket) {
    if (held !== null) return;
    held = socket;
    socket.cork();
    setImmediate(() => {
      held = null;
      socket.uncork();
    });
  };
}
