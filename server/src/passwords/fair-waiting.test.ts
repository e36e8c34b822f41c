import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFairWaiting, type Holder } from "./fair-waiting.ts";

const stranger = (client: string): Holder => ({ client, account: null });

/** Everybody who waits, in the order of their turns. */
function drain(waiting: { next(): string | null }): string[] {
  const order: string[] = [];
  for (let one = waiting.next(); one !== null; one = waiting.next()) order.push(one);
  return order;
}

describe("waiting for a hash", () => {
  it("lets clients take turns, each in the order its own came", () => {
    const waiting = createFairWaiting<string>(() => 100);
    for (const [client, count] of [
      ["a", 4],
      ["b", 1],
      ["c", 2],
    ] as const)
      for (let i = 1; i <= count; i++) waiting.add(`${client}${i}`, stranger(client));
    expect(drain(waiting)).toEqual(["a1", "b1", "c1", "a2", "c2", "a3", "a4"]);
    expect(waiting.size).toBe(0);
  });

  it("lets one client's accounts take turns, all strangers together being one", () => {
    const waiting = createFairWaiting<string>(() => 100);
    for (const name of ["x1", "x2", "x3"]) waiting.add(name, stranger("a"));
    waiting.add("owner", { client: "a", account: "7" });
    expect(drain(waiting)).toEqual(["x1", "owner", "x2", "x3"]);
  });

  it("gives a newcomer the place of whoever has most, down to equal shares", () => {
    const waiting = createFairWaiting<string>(() => 4);
    for (let i = 1; i <= 4; i++) expect(waiting.add(`a${i}`, stranger("a"))).toBeNull();
    expect(waiting.add("a5", stranger("a"))).toBe("a5");
    expect(waiting.add("b1", stranger("b"))).toBe("a4");
    expect(waiting.add("b2", stranger("b"))).toBe("a3");
    expect(waiting.add("b3", stranger("b"))).toBe("b3");
    expect(waiting.add("c1", stranger("c"))).toBe("b2");
    expect(waiting.add("c2", stranger("c"))).toBe("c2");
    expect(drain(waiting)).toEqual(["a1", "b1", "c1", "a2"]);
  });

  it("gives an owner the place of strangers in the same network", () => {
    const waiting = createFairWaiting<string>(() => 3);
    for (const name of ["x1", "x2", "x3"]) waiting.add(name, stranger("a"));
    expect(waiting.add("owner", { client: "a", account: "7" })).toBe("x3");
    expect(drain(waiting)).toEqual(["x1", "owner", "x2"]);
  });

  it("gives those who proved an account a place and every second turn, however many networks strangers have", () => {
    const waiting = createFairWaiting<string>(() => 6);
    for (let i = 1; i <= 6; i++) expect(waiting.add(`x${i}`, stranger(`n${i}`))).toBeNull();
    expect(waiting.add("x7", stranger("n7"))).toBe("x7");
    expect(waiting.add("a", { client: "p1", account: "1" })).toBe("x6");
    expect(waiting.add("b", { client: "p2", account: "2" })).toBe("x5");
    // Down to equal shares, and strangers take theirs back.
    expect(waiting.add("c", { client: "p3", account: "3" })).toBe("x4");
    expect(waiting.add("d", { client: "p4", account: "4" })).toBe("d");
    expect(drain(waiting)).toEqual(["x1", "a", "x2", "b", "x3", "c"]);
    for (let i = 1; i <= 6; i++)
      expect(waiting.add(`a${i}`, { client: `p${i}`, account: `${i}` })).toBeNull();
    expect(waiting.add("x", stranger("n1"))).toBe("a6");
  });

  it("keeps one account to a quarter of the places, from however many networks it comes", () => {
    const waiting = createFairWaiting<string>(() => 8);
    const dropped = Array.from({ length: 5 }, (_, i) =>
      waiting.add(`${i}`, { client: `n${i}`, account: "7" }),
    );
    expect(dropped).toEqual([null, null, "2", "3", "4"]);
    expect(drain(waiting)).toEqual(["0", "1"]);
    expect(waiting.add("again", { client: "n9", account: "7" })).toBeNull();
  });

  it("loses nobody, keeps its bound, and refuses nobody who has less than an equal share", () => {
    const step = fc.record({
      client: fc.constantFrom("a", "b", "c", "d"),
      account: fc.constantFrom(null, "1", "2"),
      leaves: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 4, max: 12 }), (steps, limit) => {
        const waiting = createFairWaiting<{ id: number; client: string; account: string | null }>(
          () => limit,
        );
        const present = new Set<number>();
        const held = new Map<string, number>();
        const leave = (one: { id: number; client: string } | null) => {
          if (one === null) return;
          expect(present.delete(one.id)).toBe(true);
          held.set(one.client, held.get(one.client)! - 1);
        };
        steps.forEach(({ client, account, leaves }, id) => {
          if (leaves) leave(waiting.next());
          const before = held.get(client) ?? 0;
          present.add(id);
          held.set(client, before + 1);
          const dropped = waiting.add({ id, client, account }, { client, account });
          // A fourth, where those who proved an account have their half an eighth.
          if (dropped?.id === id && account === null) expect(before + 1).toBeGreaterThan(limit / 8);
          leave(dropped);
          expect(waiting.size).toBe(present.size);
          expect(waiting.size).toBeLessThanOrEqual(limit);
        });
        for (let one = waiting.next(); one !== null; one = waiting.next()) leave(one);
        expect(present.size).toBe(0);
        expect(waiting.size).toBe(0);
      }),
    );
  });
});
