import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Algorithm, dueTurn, endOf, leadMillis, signingTurn, stateOf, type Turn } from "./key-turns.ts";

const hour = 3_600_000;
const day = 24 * hour;
const made = (over: Partial<Turn> & Pick<Turn, "turn" | "signs_from">): Turn => ({
  ...{ algorithm: "ES256", kid: `key${over.turn}`, sealed: "s1.", made_at: over.signs_from - leadMillis },
  ...{ token_life: 86_400, dropped_at: null },
  ...over,
});

it("a key is next, signs, is kept for the longest life of its tokens and a minute, and is over", () => {
  const turns = [made({ turn: 1, signs_from: 10 * day }), made({ turn: 2, signs_from: 20 * day })];
  const states = (now: number) => turns.map((turn) => stateOf(turns, turn, now));
  expect(states(10 * day)).toEqual(["current", "next"]);
  expect(states(20 * day - 1)).toEqual(["current", "next"]);
  expect(states(20 * day)).toEqual(["previous", "current"]);
  expect(states(21 * day + 60_000 - 1)).toEqual(["previous", "current"]);
  expect(states(21 * day + 60_000)).toEqual(["over", "current"]);
});

describe("what is due", () => {
  const es256 = { algorithm: "ES256", rotateMillis: 90 * day } as const;
  const due = (turns: readonly Turn[], now: number, rules: Parameters<typeof dueTurn>[2] = es256) =>
    dueTurn(turns, now, rules, () => true);
  const one = [made({ turn: 1, signs_from: 0 })];

  it("the next key comes an hour before the present one has its age", () => {
    expect(due(one, 90 * day - hour - 1)).toBeNull();
    expect(due(one, 90 * day - hour)).toEqual({ algorithm: "ES256", signsFrom: 90 * day });
    expect(due(one, 200 * day)).toEqual({ algorithm: "ES256", signsFrom: 200 * day + hour });
    expect(due([...one, made({ turn: 2, signs_from: 90 * day })], 90 * day - 1)).toBeNull();
  });

  it("TOKEN_KEY_DAYS of 0 leaves it to the command", () => {
    expect(due(one, 2000 * day, { ...es256, rotateMillis: 0 })).toBeNull();
  });

  it("another algorithm waits until the last key is an hour old, so that two settings don't undo each other", () => {
    const turns = [made({ turn: 1, algorithm: "HS256", kid: "HS256", signs_from: 0, made_at: 5 * day })];
    expect(due(turns, 5 * day + hour - 1)).toBeNull();
    expect(due(turns, 5 * day + hour)).toEqual({ algorithm: "ES256", signsFrom: 5 * day + 2 * hour });
    const back = { algorithm: "HS256", rotateMillis: 0 } as const;
    expect(due(one, 5 * day, back)).toEqual({ algorithm: "HS256", signsFrom: 5 * day });
  });

  it("a key that can't be opened, or was dropped, is replaced at once", () => {
    expect(dueTurn(one, day, es256, () => false)).toEqual({ algorithm: "ES256", signsFrom: day });
    const dropped = [made({ turn: 1, signs_from: 0, dropped_at: day - 1 })];
    expect(due(dropped, day)).toEqual({ algorithm: "ES256", signsFrom: day });
  });
});

/**
 * Any history of the settings, the command and drops: every token that was signed is verified until its own end, unless its
 * key was dropped; every key was published for an hour before it signed, unless somebody asked for less.
 */
it("no history makes a good token refused, nor signs with a key that nobody could know", () => {
  const event = fc.record({
    wait: fc.integer({ min: 1, max: 40 * 24 }).map((hours) => hours * (hour / 2)),
    act: fc.constantFrom("tend", "tend", "tend", "sign", "sign", "drop"),
    algorithm: fc.constantFrom<Algorithm>("HS256", "ES256", "RS256"),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let turns: Turn[] = [made({ turn: 1, algorithm: "HS256", kid: "HS256", signs_from: 0, made_at: 0 })];
      let now = day;
      const tokens: { turn: number; exp: number }[] = [];
      for (const { wait, act, algorithm } of events) {
        now += wait;
        const signing = signingTurn(turns, now);
        if (act === "sign" && signing !== null) tokens.push({ turn: signing.turn, exp: now + day });
        if (act === "drop" && signing !== null && signing.algorithm !== "HS256") {
          const next = turns.findLast((turn) => turn.turn > signing.turn && turn.dropped_at === null);
          if (next === undefined)
            turns.push(made({ turn: turns.at(-1)!.turn + 1, algorithm, signs_from: now, made_at: now }));
          else turns = turns.map((turn) => (turn === next ? { ...turn, signs_from: now } : turn));
          turns = turns.map((turn) => (turn.turn === signing.turn ? { ...turn, dropped_at: now } : turn));
        }
        if (act === "tend") {
          const added = dueTurn(turns, now, { algorithm, rotateMillis: 90 * day }, () => true);
          if (added !== null) {
            const { signsFrom: signs_from } = added;
            turns.push(made({ turn: turns.at(-1)!.turn + 1, algorithm, signs_from, made_at: now }));
            if (algorithm !== "HS256") expect(signs_from - now).toBeGreaterThanOrEqual(leadMillis);
          }
        }
        for (const { turn, exp } of tokens) {
          const row = turns.find((one) => one.turn === turn)!;
          const end = endOf(turns, row);
          if (row.dropped_at === null && end !== null) expect(end).toBeGreaterThan(exp);
        }
        expect(turns.filter((turn) => stateOf(turns, turn, now) === "current").length).toBe(1);
      }
    }),
    { numRuns: 500 },
  );
});
