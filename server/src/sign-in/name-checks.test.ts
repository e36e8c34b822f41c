import { expect, it } from "vitest";
import { AppError } from "../errors/errors.ts";
import { createNameChecks } from "./name-checks.ts";

function begin(options: {
  readonly perMinute: number;
  readonly remembered?: number;
  readonly widerFactor?: number;
}) {
  let millis = 1_000_000;
  const checks = createNameChecks({ clock: { now: () => millis }, widerFactor: 10, ...options });
  return {
    advance: (seconds: number) => {
      millis += seconds * 1000;
    },
    /** Null where it may ask, else the seconds to wait. */
    waitOf(address: string): number | null {
      try {
        checks.admit(address);
        return null;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "throttled") throw error;
        return error.retryAfterSeconds ?? 0;
      }
    },
    passed(address: string, times: number): number {
      return Array.from({ length: times }, () => this.waitOf(address)).filter((wait) => wait === null).length;
    },
  };
}

it("takes a minute's questions at once, then one each time one is due", () => {
  const checks = begin({ perMinute: 30 });
  expect(checks.passed("203.0.113.7", 100)).toBe(30);
  expect(checks.waitOf("203.0.113.7")).toBe(2);
  checks.advance(1);
  expect(checks.waitOf("203.0.113.7")).toBe(1);
  checks.advance(1);
  expect([checks.waitOf("203.0.113.7"), checks.waitOf("203.0.113.7")]).toEqual([null, 2]);
  checks.advance(3600);
  expect(checks.passed("203.0.113.7", 100)).toBe(30);
});

it("counts a refused question for nothing, so that whoever waits gets through", () => {
  const checks = begin({ perMinute: 60 });
  checks.passed("203.0.113.7", 60);
  for (let i = 0; i < 10; i++) {
    checks.advance(0.5);
    expect(checks.waitOf("203.0.113.7")).toBe(i % 2 === 0 ? 1 : null);
  }
});

it("has a count for each IPv4 address, and for each IPv6 network of 64 bits", () => {
  const checks = begin({ perMinute: 2 });
  expect(checks.passed("203.0.113.7", 3)).toBe(2);
  expect(checks.passed("203.0.113.8", 3)).toBe(2);
  expect(checks.passed("2001:db8:1:2::1", 1) + checks.passed("2001:db8:1:2:3:4:5:6", 2)).toBe(2);
  expect(checks.passed("2001:db8:1:3::1", 3)).toBe(2);
  // The same client, as a socket of both families tells it.
  expect(checks.waitOf("::ffff:203.0.113.7")).not.toBeNull();
});

it("has a count for an IPv6 /48 as well, of which one network past its own uses nothing up", () => {
  const checks = begin({ perMinute: 2, widerFactor: 3 });
  const at = (network: number, wider = 1) => `2001:db8:${wider}:${network.toString(16)}::1`;
  expect(checks.passed(at(0), 100)).toBe(2);
  const others = Array.from({ length: 100 }, (_, i) => checks.passed(at(i + 1), 1));
  expect(others.reduce((all, one) => all + one, 0)).toBe(4);
  expect(checks.waitOf(at(500))).toBe(10);
  expect(checks.passed(at(0, 2), 3)).toBe(2);
  checks.advance(10);
  expect([checks.waitOf(at(501)), checks.waitOf(at(502))]).toEqual([null, 10]);
});

it("takes nothing away where the clock is set back, and remembers a bounded number", () => {
  const checks = begin({ perMinute: 2, remembered: 3 });
  checks.passed("203.0.113.1", 1);
  checks.advance(-3600);
  expect(checks.passed("203.0.113.1", 2)).toBe(1);
  for (const last of [2, 3, 4]) checks.passed(`203.0.113.${last}`, 2);
  expect(checks.waitOf("203.0.113.4")).not.toBeNull();
  expect(checks.waitOf("203.0.113.1")).toBeNull();
});

it("has no limit where it is 0", () => {
  expect(begin({ perMinute: 0 }).passed("203.0.113.7", 10_000)).toBe(10_000);
});
