import { expect, it } from "vitest";
import { runOpenLoop, scheduleOf } from "./open-loop.ts";

/** A server that answers at once but for a stall; time passes only when the loop waits. */
function stalledServer(stall: { from: number; until: number }) {
  let time = 1000;
  const waiting: (() => void)[] = [];
  const sent: number[] = [];
  return {
    sent,
    now: () => time,
    send: () => {
      sent.push(time);
      if (time < stall.from || time >= stall.until) return Promise.resolve(true);
      return new Promise<boolean>((resolve) => waiting.push(() => resolve(true)));
    },
    sleepUntil: async (until: number) => {
      // Whoever has his answer reads the clock before it goes on.
      await new Promise(setImmediate);
      if (time < stall.until && until >= stall.until) {
        time = stall.until;
        for (const answer of waiting.splice(0)) answer();
        await new Promise(setImmediate);
      }
      time = until;
    },
  };
}

it("spaces the starts evenly and fits them into the time", () => {
  expect(scheduleOf(4, 1.5)).toEqual([0, 250, 500, 750, 1000, 1250]);
  expect(scheduleOf(1000, 0.0005)).toEqual([]);
});

it("sends on through a stall, and counts each wait from when the request was due", async () => {
  const server = stalledServer({ from: 1200, until: 1550 });
  const { millis, errors } = await runOpenLoop({ schedule: scheduleOf(10, 1), ...server });
  expect(server.sent).toEqual([1000, 1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900]);
  expect(millis).toEqual([0, 0, 350, 250, 150, 50, 0, 0, 0, 0]);
  expect(errors).toBe(0);
});

it("counts the time that the generator itself was late", async () => {
  const server = stalledServer({ from: 0, until: 0 });
  const late = { ...server, sleepUntil: (until: number) => server.sleepUntil(until + 30) };
  const { millis } = await runOpenLoop({ schedule: [0, 100, 110, 120, 300], ...late });
  expect(millis).toEqual([0, 30, 20, 10, 30]);
});

it("counts answers that are not 2xx, and fails where a connection does", async () => {
  const server = stalledServer({ from: 0, until: 0 });
  const answers = [true, false, false, true];
  const refusing = { ...server, send: async () => answers.shift() ?? true };
  expect(await runOpenLoop({ schedule: [0, 1, 2, 3], ...refusing })).toMatchObject({ errors: 2 });
  const broken = { ...server, send: () => Promise.reject(new Error("cut off")) };
  await expect(runOpenLoop({ schedule: [0, 1, 2, 3], ...broken })).rejects.toThrow("cut off");
});
