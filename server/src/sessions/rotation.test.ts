import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graceMillis, judge, type Lineage, readRotations, writeRotations } from "./rotation.ts";

/**
 * A model of one session: tabs that share what they stored, a network that delays, reorders and loses, and a server that
 * follows the rule. Honest clients get an answer through within the grace of a replacement; beyond that nobody could
 * tell them from a thief.
 */
const tabs = 3;
const longestDelay = 5_000;
const patience = 20_000;

interface Packet {
  readonly token: number;
  readonly sentAt: number;
}

class World {
  now = 1_000_000;
  lineage: Lineage = { counter: 0, rotations: [] };
  ended = false;
  stored = 0;
  readonly requests: Packet[] = [];
  readonly answers: (Packet & { readonly next: number })[] = [];
  /** When each number was replaced. */
  readonly replacedAt = new Map<number, number>();

  /** What the server does with a token; the number it answers, or null for a refusal. */
  show(token: number): number | null {
    if (this.ended) return null;
    const before = this.lineage.counter;
    const verdict = judge({ ...this.lineage, rotations: throughRow(this.lineage) }, token, this.now);
    if (verdict.kind === "replay") this.ended = true;
    if (verdict.kind === "rotate") {
      // One lineage: only the number that is good has a successor, and one alone.
      expect(token).toBe(before);
      expect(verdict.next.counter).toBe(before + 1);
      this.replacedAt.set(token, this.now);
      this.lineage = verdict.next;
    }
    return verdict.kind === "replay" ? null : this.lineage.counter;
  }

  send(): void {
    if (this.requests.length < tabs) this.requests.push({ token: this.stored, sentAt: this.now });
  }

  arrive(which: number): void {
    const [packet] = this.requests.splice(which % Math.max(1, this.requests.length), 1);
    if (packet === undefined) return;
    const next = this.show(packet.token);
    if (next !== null) this.answers.push({ ...packet, sentAt: this.now, next });
  }

  answer(which: number, isLost: boolean): void {
    const [packet] = this.answers.splice(which % Math.max(1, this.answers.length), 1);
    // What another tab stored meanwhile is newer.
    if (packet !== undefined && !isLost && this.stored === packet.token) this.stored = packet.next;
  }

  /** Lets time pass, but for no longer than the network may take and a client may go without an answer. */
  wait(millis: number): void {
    const due = [...this.requests, ...this.answers].map(({ sentAt }) => sentAt + longestDelay);
    const since = this.replacedAt.get(this.stored);
    const until = since === undefined ? [] : [since + patience];
    const limit = Math.min(this.now + millis, ...due, ...until);
    this.now = Math.max(this.now, limit);
    if (due.some((at) => at <= this.now)) this.settle();
    if (until.some((at) => at <= this.now)) {
      this.send();
      this.settle();
    }
  }

  settle(): void {
    while (this.requests.length > 0) this.arrive(0);
    while (this.answers.length > 0) this.answer(0, false);
  }
}

/** As it comes back from the database. */
function throughRow({ rotations }: Lineage): number[] {
  const text = writeRotations(rotations);
  expect(text.length).toBeLessThanOrEqual(160);
  return readRotations(text);
}

const step = fc.oneof(
  fc.record({ do: fc.constant("send" as const) }),
  fc.record({ do: fc.constant("arrive" as const), which: fc.nat(5) }),
  fc.record({ do: fc.constant("answer" as const), which: fc.nat(5), isLost: fc.boolean() }),
  fc.record({
    do: fc.constant("wait" as const),
    millis: fc.oneof(fc.nat(2_000), fc.nat(40_000), fc.nat(900_000)),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function take(world: World, one: Step): void {
  if (one.do === "send") world.send();
  else if (one.do === "arrive") world.arrive(one.which);
  else if (one.do === "answer") world.answer(one.which, one.isLost);
  else world.wait(one.millis);
}

const runs = { numRuns: 4_000 };

describe("of every order in which packets come", () => {
  it("none logs an honest client out", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const one of steps) {
          take(world, one);
          expect(world.ended).toBe(false);
        }
        world.settle();
        world.stored = world.show(world.stored) ?? Number.NaN;
        expect(world.stored).toBe(world.lineage.counter);
      }),
      runs,
    );
  });

  it("a token that was replaced longer ago than the grace always ends the session", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, pick) => {
        const world = new World();
        for (const one of steps) take(world, one);
        const old = [...world.replacedAt].filter(([, at]) => world.now - at > graceMillis);
        if (old.length === 0) return;
        expect(world.show(old[pick % old.length]![0])).toBeNull();
        expect(world.ended).toBe(true);
        // Nobody renews it any more, whoever has the present one.
        expect(world.show(world.lineage.counter)).toBeNull();
      }),
      runs,
    );
  });

  it("a thief with a copy never stays beside its owner", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(300_000), (steps, pause) => {
        const world = new World();
        for (const one of steps) take(world, one);
        world.settle();
        // The thief renews with the copy, as often as they like, and the owner comes back after the grace.
        let copy = world.stored;
        const until = world.now + graceMillis + 1 + pause;
        const ownersToken = world.stored;
        while (world.now < until) {
          copy = world.show(copy)!;
          world.now += Math.min(20_000, until - world.now);
        }
        const isReplaced = world.replacedAt.has(ownersToken);
        const answer = world.show(ownersToken);
        if (isReplaced && world.now - world.replacedAt.get(ownersToken)! > graceMillis) {
          expect(answer).toBeNull();
          expect(world.show(copy)).toBeNull();
        } else expect(answer).toBe(world.lineage.counter);
      }),
      runs,
    );
  });
});

describe("the rule", () => {
  const at = 5_000_000;
  it.each([
    ["the good one", { counter: 3, rotations: [] }, 3, "rotate"],
    ["the one before, at the end of its grace", { counter: 3, rotations: [at - 30_000] }, 2, "repeat"],
    ["the one before, a moment later", { counter: 3, rotations: [at - 30_001] }, 2, "replay"],
    ["the one before that, late", { counter: 3, rotations: [at - 31_000, at] }, 1, "replay"],
    [
      "the one before that, a packet that came late",
      { counter: 3, rotations: [at - 29_000, at] },
      1,
      "repeat",
    ],
    ["one of which nothing is known any more", { counter: 9, rotations: [at] }, 1, "replay"],
    ["the one before, and the clock was set back", { counter: 3, rotations: [at + 3_600_000] }, 2, "repeat"],
    ["a ninth within the grace", { counter: 9, rotations: Array(8).fill(at) }, 9, "repeat"],
  ] as const)("for %s", (_, lineage, presented, kind) => {
    expect(judge(lineage, presented, at).kind).toBe(kind);
  });

  it("goes on from a token that a failover made unknown, and keeps no time of another", () => {
    const verdict = judge({ counter: 3, rotations: [at - 1] }, 5, at);
    expect(verdict).toEqual({ kind: "rotate", next: { counter: 6, rotations: [at] } });
  });
});
