import { filesOf, loading } from "./loaded-files.ts";

/**
 * Which tests are the `unit` suite: those beside a source that load nothing that starts a process, opens a database
 * or hashes.
 */

/** Tests beside sources: what isn't of the unit suite here is the server suite's. */
export const besideSources = ["server/src", "sandbox", "scripts", "bench"].map(
  (room) => `${room}/**/*.test.ts`,
);

/** What a unit test does without, by the module that brings it. */
const tooMuch = new Set([
  ...["node:child_process", "node:cluster", "node:sqlite"],
  ...["pg", "ioredis", "bullmq", "mysql2", "mysql2/promise", "@node-rs/argon2", "@node-rs/bcrypt"],
  // It sets the priority of the process that runs the test.
  "server/src/passwords/hash-priority.ts",
]);

/** Whether the file (a path from the root), or one that it loads, asks for something of `tooMuch`. */
export const needsTooMuch = loading(tooMuch);

/** Paths from the root, with `/`, in the order of their names. */
export function unitTests(): string[] {
  return filesOf(besideSources).filter((file) => !needsTooMuch(file));
}
