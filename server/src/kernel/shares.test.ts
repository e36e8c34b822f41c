import { expect, it } from "vitest";
import { createShares } from "./shares.ts";

/** Work that lasts until it is asked to end. */
function endless() {
  const ends: (() => void)[] = [];
  return { ends, work: () => new Promise<void>((resolve) => ends.push(resolve)) };
}
const busy = { code: "busy", retryAfterSeconds: 5 };

it("gives one client its part, others the rest, and nobody more than all", async () => {
  const shares = createShares({ total: 5, perClient: 2, retryAfterSeconds: 5 });
  const { ends, work } = endless();
  const begun = ["a", "a", "b", "b"].map((client) => shares.run(client, work));
  await expect(shares.run("a", work)).rejects.toMatchObject(busy);
  begun.push(shares.run("c", work));
  await expect(shares.run("d", work)).rejects.toMatchObject(busy);
  expect(ends).toHaveLength(5);
  ends[0]!();
  await begun[0];
  begun.push(shares.run("a", work));
  expect(ends).toHaveLength(6);
  for (const end of ends) end();
  await Promise.all(begun);
});

it("gives the place back after work that fails", async () => {
  const shares = createShares({ total: 2, perClient: 1, retryAfterSeconds: 5 });
  for (let round = 0; round < 5; round++) {
    await expect(shares.run("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  }
  expect(await shares.run("a", async () => "yes")).toBe("yes");
});
