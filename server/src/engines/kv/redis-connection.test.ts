import { expect, test } from "vitest";
import { isPassingReply } from "./redis-connection.ts";

test.each([
  ["OOM command not allowed when used memory > 'maxmemory'.", true],
  ["READONLY You can't write against a read only replica. script: 5f, on @user_script:3.", true],
  // The form of 6.2, which a full or demoted Redis gave every request: they were 500 for it.
  [
    "ERR Error running script (call to f_5f): @user_script:19: -OOM command not allowed when used memory > 'maxmemory'.",
    true,
  ],
  [
    "ERR Error running script (call to f_5f): @user_script:19: -READONLY You can't write against a read only replica.",
    true,
  ],
  ["ERR Error running script (call to f_5f): @user_script:19: @user_script: 19: Wrong number of args", false],
  ["WRONGTYPE Operation against a key holding the wrong kind of value", false],
  ["NOPERM this user has no permissions to run the 'eval' command", false],
])("%s passes: %s", (message, passes) => {
  expect(isPassingReply(message)).toBe(passes);
});
