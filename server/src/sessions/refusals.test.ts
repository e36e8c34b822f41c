import { expect, it } from "vitest";
import { AppError } from "../errors/errors.ts";
import { createRefusals, refusalLimits } from "./refusals.ts";

const { perSession, perNetwork, remembered, windowSeconds } = refusalLimits;

function begin() {
  let millis = 1_000_000;
  const refusals = createRefusals({ now: () => millis });
  return {
    ...refusals,
    advance: (seconds: number) => {
      millis += seconds * 1000;
    },
    /** Null where it may try, else the seconds to wait. */
    waitOf(network: string, session: string | null): number | null {
      try {
        refusals.admit(network, session);
        return null;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return error.retryAfterSeconds ?? 0;
      }
    },
  };
}

it("counts a session's refusals from the first of them, for a minute", () => {
  const { note, waitOf, advance } = begin();
  for (let i = 0; i < perSession; i++) {
    expect(waitOf("net", "one")).toBeNull();
    note("net", "one");
    advance(1);
  }
  expect(waitOf("net", "one")).toBe(windowSeconds - perSession);
  expect(waitOf("net", "other")).toBeNull();
  advance(windowSeconds - perSession - 0.001);
  expect(waitOf("net", "one")).toBe(1);
  advance(0.001);
  expect(waitOf("net", "one")).toBeNull();
});

it("keeps what was never issued out of a network that is full, and no session without a refusal of its own", () => {
  const { note, waitOf } = begin();
  for (let i = 0; i < perNetwork - 1; i++) note("net", null);
  expect(waitOf("net", null)).toBeNull();
  note("net", "dead");
  expect([waitOf("net", null), waitOf("net", "dead")]).toEqual([windowSeconds, windowSeconds]);
  expect([waitOf("net", "living"), waitOf("elsewhere", null), waitOf("elsewhere", "dead")]).toEqual([
    ...[null, null, null],
  ]);
});

it("remembers a bounded number, and forgets the oldest of them", () => {
  const { note, waitOf } = begin();
  for (let i = 0; i < perSession; i++) note("net", "first");
  for (let i = 1; i < remembered; i++) note("net", `session ${i}`);
  expect(waitOf("elsewhere", "first")).not.toBeNull();
  note("net", "one too many");
  expect(waitOf("elsewhere", "first")).toBeNull();
});
