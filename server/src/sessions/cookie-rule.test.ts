import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CookieLineage,
  judgeCookie,
  readCookieLineage,
  settledAfterMillis,
  writeCookieLineage,
} from "./cookie-rule.ts";

/**
 * A model of one session: a browser whose tabs share one jar, a network that delays, reorders and loses, crashes that
 * bring back what the jar last wrote down, and servers that follow the rule.
 */
const renewAfter = 900_000;
const longestDelay = 20_000;
/** Chromium's; how long after a change the jar is certainly on the disk. */
const flushMillis = 30_000;
const tabs = 4;

interface Packet {
  readonly cookie: number;
  readonly sentAt: number;
}

class World {
  now = 1_000_000;
  lineage: CookieLineage = { counter: 0, since: this.now, isSettled: false };
  ended = false;
  jar = 0;
  disk = 0;
  changedAt = this.now;
  readonly requests: Packet[] = [];
  readonly answers: (Packet & { readonly hands: number | null })[] = [];
  /** When each number was shown first. */
  readonly confirmedAt = new Map<number, number>();

  /** What the server does; undefined for a refusal. */
  show(cookie: number): number | null | undefined {
    if (this.ended) return undefined;
    const { counter } = this.lineage;
    const row = readCookieLineage(counter, writeCookieLineage(this.lineage), 1);
    const verdict = judgeCookie(row, cookie, this.now, renewAfter);
    if (verdict.kind === "replay") {
      this.ended = true;
      return undefined;
    }
    const { becomes, hands } = verdict;
    // One lineage: no number is left out, and only the next of the newest is handed out.
    if (becomes !== null && becomes.counter !== counter) expect(becomes.counter).toBe(counter + 1);
    if (hands !== null) expect(hands - this.lineage.counter).toBeLessThanOrEqual(1);
    if (becomes !== null) {
      if (becomes.counter > counter) this.confirmedAt.set(becomes.counter, this.now);
      this.lineage = becomes;
    }
    return hands;
  }

  send(): void {
    if (this.requests.length < tabs) this.requests.push({ cookie: this.jar, sentAt: this.now });
  }

  arrive(which: number): void {
    const [packet] = this.requests.splice(which % Math.max(1, this.requests.length), 1);
    if (packet === undefined) return;
    const hands = this.show(packet.cookie);
    if (hands !== undefined) this.answers.push({ ...packet, sentAt: this.now, hands });
  }

  answer(which: number, isLost: boolean): void {
    const [packet] = this.answers.splice(which % Math.max(1, this.answers.length), 1);
    if (packet === undefined || packet.hands === null || isLost || packet.hands === this.jar) return;
    this.flush();
    this.jar = packet.hands;
    this.changedAt = this.now;
  }

  flush(): void {
    if (this.now - this.changedAt >= flushMillis) this.disk = this.jar;
  }

  /** The machine loses power: requests under way are gone, and the jar is what the disk has. */
  crash(): void {
    this.flush();
    this.requests.length = 0;
    this.answers.length = 0;
    this.jar = this.disk;
    this.changedAt = this.now;
  }

  /** Lets time pass, but for no longer than the network may take. */
  wait(millis: number): void {
    const due = [...this.requests, ...this.answers].map(({ sentAt }) => sentAt + longestDelay);
    this.now = Math.max(this.now, Math.min(this.now + millis, ...due));
    this.flush();
    if (due.some((at) => at <= this.now)) this.settle();
  }

  settle(): void {
    while (this.requests.length > 0) this.arrive(0);
    while (this.answers.length > 0) this.answer(0, false);
  }
}

type Step = (world: World) => void;
const number = fc.nat({ max: 10 });
const steps = fc.array(
  fc.oneof(
    fc.constant<Step>((world) => world.send()),
    number.map<Step>((which) => (world) => world.arrive(which)),
    fc.tuple(number, fc.boolean()).map<Step>(
      ([which, isLost]) =>
        (world) =>
          world.answer(which, isLost),
    ),
    fc.nat({ max: 25_000 }).map<Step>((millis) => (world) => world.wait(millis)),
    fc.integer({ min: 100_000, max: 2_000_000 }).map<Step>((millis) => (world) => world.wait(millis)),
    fc.constant<Step>((world) => world.crash()),
  ),
  { maxLength: 150 },
);

describe("the rule of cookies that are replaced", () => {
  it("never ends an honest browser's session, whatever is lost, late, at once or crashes", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = new World();
        for (const step of all) step(world);
        world.settle();
        world.send();
        world.settle();
        expect(world.ended).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it("ends the session of a copy that is shown after its successor was used for a minute", () => {
    fc.assert(
      fc.property(steps, steps, fc.nat({ max: 5_000_000 }), (before, after, later) => {
        const world = new World();
        for (const step of before) step(world);
        const copy = world.jar;
        // The owner goes on, at least until the copy is one of the past.
        for (const step of after) step(world);
        for (let round = 0; round < 3; round++) {
          world.wait(renewAfter + longestDelay);
          world.settle();
          world.send();
          world.settle();
          world.send();
          world.settle();
          world.wait(settledAfterMillis);
          world.settle();
        }
        world.send();
        world.settle();
        expect(world.lineage.counter).toBeGreaterThan(copy);
        world.wait(later);
        expect(world.show(copy)).toBeUndefined();
        expect(world.show(world.jar)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it("writes nothing but the first use of each cookie, and its second a minute later", () => {
    let lineage: CookieLineage = { counter: 3, since: 0, isSettled: false };
    const written: number[] = [];
    for (let now = 0; now <= renewAfter; now += 10_000) {
      const verdict = judgeCookie(lineage, 3, now, renewAfter);
      if (verdict.kind === "use" && verdict.becomes !== null) {
        written.push(now);
        lineage = verdict.becomes;
      }
    }
    expect(written).toEqual([60_000]);
  });
});
