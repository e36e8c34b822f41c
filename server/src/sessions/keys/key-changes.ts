import type { Db } from "../../engines/database/database.ts";
import type { Clock } from "../../kernel/clock.ts";
import { countRenewing, dropKey, endSigned, signedBetween, startTurn } from "./key-store.ts";
import { leadMillis, signingTurn, startOfNext, stateOf, type Turn } from "./key-turns.ts";
import type { SigningKeys, SigningSettings } from "./signing-keys.ts";

/** What an operator changes about the keys of access tokens: the next one begins, or one ends at once. */
export interface KeyChangesDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly signingKeys: SigningKeys;
  readonly signing: Pick<SigningSettings, "algorithm">;
}

/** Why nothing was changed. */
export type KeyRefusal = "hs256" | "unknown" | "dropped" | "hs256-signs";

/** Who is logged out by the end of a key. */
export interface Affected {
  /** Whose one token is refused from then on, and of how many accounts. */
  readonly sessions: number;
  readonly accounts: number;
  /** Those with refresh tokens, of all keys: they notice nothing. */
  readonly renewing: number;
}

export type KeyChanges = ReturnType<typeof createKeyChanges>;

export function createKeyChanges({ db, clock, signingKeys, signing }: KeyChangesDeps) {
  /**
   * Lets a new key sign after an hour, or, with `atOnce`, now: then verifiers that keep what they fetched meet a key they
   * do not know. One that waits already is taken. Refused with "hs256" where SECRET_KEY signs.
   */
  async function rotate(atOnce: boolean): Promise<Turn | "hs256"> {
    if (signing.algorithm === "HS256") return "hs256";
    for (;;) {
      const now = clock.now();
      const { turns, isUsable } = await signingKeys.tend();
      const next = turns.findLast((turn) => stateOf(turns, turn, now) === "next" && isUsable(turn));
      if (next === undefined) {
        const signsFrom = atOnce ? now : now + leadMillis;
        const isAdded = await signingKeys.add(turns, { algorithm: signing.algorithm, signsFrom });
        if (isAdded) return (await signingKeys.tend()).turns.at(-1)!;
        // Another process was first: its key is the next one.
        continue;
      }
      if (!atOnce) return next;
      await startTurn(db, next.turn, now);
      return { ...next, signs_from: now };
    }
  }

  /** Between which times its tokens were signed, for each of its turns; the last millisecond counts. */
  async function spans(kid: string): Promise<{ from: number; to: number; now: number }[]> {
    const { turns } = await signingKeys.tend();
    const now = clock.now();
    return turns
      .filter((turn) => turn.kid === kid && turn.dropped_at === null)
      .map((turn) => ({ from: turn.signs_from, to: (startOfNext(turns, turn) ?? now) + 1, now }));
  }

  async function findRefusal(kid: string): Promise<KeyRefusal | null> {
    const { turns } = await signingKeys.tend();
    const own = turns.filter((turn) => turn.kid === kid);
    if (own.length === 0) return "unknown";
    if (own.every(({ dropped_at }) => dropped_at !== null)) return "dropped";
    // SECRET_KEY can be replaced, and not be dropped.
    return kid === "HS256" && signingTurn(turns, clock.now())?.kid === kid ? "hs256-signs" : null;
  }

  return {
    rotate,
    findRefusal,

    /** Who would be logged out if the key ended now. Changes nothing. */
    async affected(kid: string): Promise<Affected> {
      const owners = await Promise.all((await spans(kid)).map((span) => signedBetween(db, span)));
      const all = owners.flat();
      const renewing = await countRenewing(db, clock.now());
      return { sessions: all.length, accounts: new Set(all).size, renewing };
    },

    /**
     * Ends the key now: its tokens are refused by every process within seconds, the sessions that have no other token end
     * with it. Where it is the one that signs, another takes its place first. `record` runs in the same transaction.
     */
    async drop(
      kid: string,
      record: (transaction: Db, done: Omit<Affected, "renewing">) => Promise<void>,
    ): Promise<Omit<Affected, "renewing">> {
      const { turns } = await signingKeys.tend();
      if (signingTurn(turns, clock.now())?.kid === kid) await rotate(true);
      const between = await spans(kid);
      return db.transaction(
        async (transaction) => {
          const ended: number[] = [];
          for (const span of between) ended.push(...(await endSigned(transaction, span)));
          await dropKey(transaction, kid, clock.now());
          const done = { sessions: ended.length, accounts: new Set(ended).size };
          await record(transaction, done);
          return done;
        },
        { untimed: true },
      );
    },
  };
}
