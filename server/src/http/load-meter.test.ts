import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLoadMeter, type LoadMeter } from "./load-meter.ts";

let at: number;
let idle: number;
let endTurn: () => void;
let lines: string[];
let meter: LoadMeter;
beforeEach(() => {
  vi.useFakeTimers();
  at = 1_000_000;
  idle = 0;
  lines = [];
  endTurn = () => {};
  meter = createLoadMeter({
    most: 10,
    log: { warn: (_, text) => lines.push(text) },
    now: () => at,
    idle: () => idle,
    atTurnsEnd: (callback) => {
      endTurn = callback;
    },
  });
});
afterEach(() => vi.useRealTimers());

/** Nothing comes for so long. */
function wait(millis: number): void {
  at += millis;
  idle += millis;
}

/** A turn that reads so many requests, answers all of them and takes so long. Returns how many were refused. */
function turn(requests: number, millis: number, isDear = false): number {
  let refused = 0;
  for (let n = 0; n < requests; n++) {
    meter.begin();
    at += millis / requests;
    if (meter.refuses(isDear)) refused++;
    meter.end();
  }
  endTurn();
  return refused;
}
/** Such turns, one after the other, for so long. */
function turns(seconds: number, requests: number, millis: number, isDear = false): number {
  let refused = 0;
  for (const until = at + seconds * 1000; at < until; wait(1)) refused += turn(requests, millis, isDear);
  return refused;
}

test("many requests in short turns are all taken", () => {
  expect(turns(5, 100, 15)).toBe(0);
});

test("long turns with few requests are none of its business", () => {
  expect(turns(5, 10, 300)).toBe(0);
});

test("a paused machine, a collection and a burst are not overload", () => {
  turn(1, 5);
  expect(turn(100, 30_000)).toBe(0);
  expect(turn(100, 10)).toBe(0);
  expect(turns(0.7, 100, 50)).toBe(0);
  wait(2000);
  expect(turns(0.7, 100, 50)).toBe(0);
});

test("long turns with too many requests for most of a second are: what is beyond is refused from then on", () => {
  expect(turns(0.75, 100, 50)).toBe(0);
  expect(turn(100, 50)).toBeGreaterThan(0);
  expect(turn(100, 50)).toBe(90);
  expect(meter.stats().refused).toBeGreaterThan(90);
});

test("what is done between two turns for requests that were read hides nothing", () => {
  let refused = 0;
  for (let n = 0; n < 4; n++, at += 800) refused += turn(100, 50);
  expect(refused).toBeGreaterThan(90);
});

test("dear ones are refused before cheap ones", () => {
  turns(1.2, 100, 50);
  expect([turn(8, 5, true), turn(8, 50, false)]).toEqual([3, 0]);
});

test("dear ones are refused once a turn is long, so that those who are refused needn't wait for it", () => {
  turns(1.2, 100, 50);
  expect(turn(8, 40, true)).toBe(7);
});

test("long turns of a site that is not asked for too much any more keep it refusing no longer", () => {
  turns(1.2, 100, 50);
  // In each second three long turns with one dear request, and a hundred dear ones in short turns.
  let refused = 0;
  for (let n = 0; n < 12; n++) {
    refused += turn(4, 15, true);
    for (let short = 0; short < 33; short++, wait(8)) {
      if (turn(1, 1, true) === 0) meter.beginDear();
      meter.endDear();
    }
  }
  expect(refused).toBeGreaterThan(0);
  expect(turn(4, 15, true)).toBe(0);
});

/** So many dear ones in turns too short to be late, of which one is answered each `pace` milliseconds. */
function dearOnes(count: number, pace: number): number {
  let refused = 0;
  for (let n = 0; n < count; n++, at++) {
    meter.begin();
    if (meter.refuses(true)) {
      refused++;
      meter.end();
    } else meter.beginDear();
    endTurn();
    if (n % pace === pace - 1) {
      meter.endDear();
      meter.end();
    }
  }
  return refused;
}

test("dear ones that wait for something slow are refused once there are too many, though no turn is long", () => {
  expect(dearOnes(100, 20)).toBe(0);
  expect(dearOnes(400, 20)).toBeGreaterThan(300);
});

test("as many that are answered soon are not", () => {
  meter.beginDear();
  for (let n = 0; n < 20; n++) meter.beginDear();
  expect(dearOnes(1000, 1)).toBe(0);
});

test("those without an answer count, whichever turn began them", () => {
  turns(1.2, 100, 50);
  for (let n = 0; n < 11; n++) meter.begin();
  endTurn();
  expect(meter.refuses(false)).toBe(true);
  meter.end();
  expect(meter.refuses(false)).toBe(false);
});

test("it goes on in short turns while there is too much, and ends a second after the last refusal", () => {
  turns(1.2, 100, 50);
  expect(turns(5, 100, 5)).toBeGreaterThan(1000);
  expect(lines).toEqual(["overload: requests are refused with 503 until it is over"]);
  wait(1001);
  expect(turn(100, 5)).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(lines.at(-1)).toBe("the overload is over");
  expect(turns(0.7, 100, 50)).toBe(0);
});
