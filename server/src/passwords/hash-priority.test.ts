import { pbkdf2 } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { giveWayToEventLoop } from "./hash-priority.ts";

test("the pool's threads give way, the event loop's own doesn't", async () => {
  const before = getPriority();
  await promisify(pbkdf2)("password", "salt", 1, 16, "sha256");
  const reached = giveWayToEventLoop();
  if (process.platform === "linux") expect(reached).toBeGreaterThan(0);
  else expect(reached).toBe(0);
  expect(getPriority()).toBe(before);
  if (process.platform !== "linux") return;
  const pool = readdirSync("/proc/self/task").filter(
    (thread) => readFileSync(`/proc/self/task/${thread}/comm`, "utf8").trim() === "libuv-worker",
  );
  expect(pool.length).toBe(reached);
  // 19 is the lowest there is: in a run at that priority they are there already.
  const below = Math.min(19, before + 5);
  for (const thread of pool) expect(getPriority(Number(thread))).toBe(below);
});
