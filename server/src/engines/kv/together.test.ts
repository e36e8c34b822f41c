import { expect, it } from "vitest";
import type { Operation, Outcome } from "./kv.ts";
import { createTogether } from "./together.ts";

/** What is asked for at once leaves in one command, and everybody gets their own answer. */
const get = (key: string): Operation => ({ verb: "get", key });
const outcomeOf = (value: string): Outcome => ({
  ...{ refused: false, value, count: 0, retryAfterSeconds: 0, lifeMillis: 0 },
});

function opened(fails = false) {
  const sent: string[][][] = [];
  const batch = createTogether(async (batches) => {
    sent.push(batches.map((one) => one.map(({ key }) => key)));
    if (fails) throw new Error("away");
    return batches.flat().map(({ key }) => outcomeOf(key));
  });
  return { sent, ask: async (...keys: string[]) => (await batch(keys.map(get))).map(({ value }) => value) };
}

it("sends what is asked for at once together, and the rest by itself", async () => {
  const { sent, ask } = opened();
  const first = [ask("a", "b"), ask("c")];
  expect(sent).toEqual([]);
  expect(await Promise.all(first)).toEqual([["a", "b"], ["c"]]);
  expect(await ask("d")).toEqual(["d"]);
  expect(sent).toEqual([[["a", "b"], ["c"]], [["d"]]]);
});

it("tells each of them where the command fails, and goes on with the next", async () => {
  const { sent, ask } = opened(true);
  const outcomes = await Promise.allSettled([ask("a"), ask("b")]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(ask("c")).rejects.toThrow("away");
  expect(sent).toEqual([[["a"], ["b"]], [["c"]]]);
});
