import { expect, it } from "vitest";
import { CaptchaDue } from "./channel.ts";
import { takeAll } from "./counts.ts";

/** What is counted in several places: taken together, or given back. */
function counters(errors: readonly (Error | null)[]) {
  const counts = errors.map(() => 0);
  const all = errors.map((error, i) => ({
    async take() {
      if (error !== null) throw error;
      counts[i]!++;
    },
    async giveBack() {
      counts[i]!--;
    },
  }));
  return { counts, all };
}

it("counts in each place, and then works", async () => {
  const { counts, all } = counters([null, null]);
  let seen: number[] = [];
  await takeAll(all, async () => {
    seen = [...counts];
  });
  expect([seen, counts]).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

it("gives back what others took where one refuses, and does no work", async () => {
  const full = new Error("full");
  const { counts, all } = counters([null, full, null]);
  await expect(takeAll(all, async () => expect.unreachable())).rejects.toBe(full);
  expect(counts).toEqual([0, 0, 0]);
});

it("gives back everything where the work fails", async () => {
  const { counts, all } = counters([null, null]);
  const away = new Error("away");
  await expect(takeAll(all, () => Promise.reject(away))).rejects.toBe(away);
  expect(counts).toEqual([0, 0]);
});

it("asks for a captcha only where nothing else refuses", async () => {
  const full = new Error("full");
  for (const errors of [
    [new CaptchaDue(), full],
    [full, new CaptchaDue()],
  ]) {
    await expect(takeAll(counters(errors).all, async () => {})).rejects.toBe(full);
  }
  await expect(takeAll(counters([null, new CaptchaDue()]).all, async () => {})).rejects.toBeInstanceOf(
    CaptchaDue,
  );
});
