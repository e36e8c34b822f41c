import type { Db } from "../../engines/database/database.ts";
import { type Clock, dayMillis } from "../../kernel/clock.ts";
import type { SecretKeys } from "../../kernel/keys.ts";
import type { Log } from "../../kernel/log.ts";
import { createKeyRings, type KeyRing } from "./key-ring.ts";
import { hasSessions, insertTurn, lengthenTurn, listTurns, removeTurn } from "./key-store.ts";
import {
  type Algorithm,
  dueTurn,
  endOf,
  leadMillis,
  type NewTurn,
  signingTurn,
  type Turn,
} from "./key-turns.ts";
import { makeSigningKey } from "./signing-key.ts";

/**
 * The keys of access tokens, as all processes share them in the database. Promises: each process knows a key long before
 * that signs, for it reads them every few seconds and a key is an hour old by then; of several processes that would add
 * one, one does (guard: signing-keys.race.test.ts); without TOKEN_ALGORITHM nothing is ever written and HS256 signs.
 */
export interface SigningSettings {
  readonly algorithm: Algorithm;
  readonly rsaBits: number;
  /** 0: only by command. */
  readonly rotateDays: number;
  /** Epoch milliseconds; null: for the longest life of a token. */
  readonly hs256Until: number | null;
}

export interface SigningKeysDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn" | "error">;
  readonly secretKeys: SecretKeys;
  readonly signing: SigningSettings;
  /** The longest life of a token of ours, and of one that another service signs under SECRET_KEY; in seconds. */
  readonly tokenLifeSeconds: number;
  readonly foreignLifeSeconds: number;
}

export type SigningKeys = ReturnType<typeof createSigningKeys>;

const readEveryMillis = 5000;
/** After an unknown key's name; so strangers who invent some make no reading of each request. */
const readAgainMillis = 1000;

export function createSigningKeys(deps: SigningKeysDeps) {
  const { db, clock, log, secretKeys, signing } = deps;
  const ringOf = createKeyRings({ secretKeys, hs256Until: signing.hs256Until });
  const rules = { algorithm: signing.algorithm, rotateMillis: signing.rotateDays * dayMillis };
  let present: KeyRing | null = null;
  let reading: Promise<KeyRing> | null = null;
  let readAt = 0;

  /** What the database has now; calls at once share one reading. */
  function read(): Promise<KeyRing> {
    reading ??= listTurns(db)
      .then((turns) => {
        readAt = performance.now();
        present = ringOf(turns);
        return present;
      })
      .finally(() => {
        reading = null;
      });
    return reading;
  }

  /** As `read`, and never what was on its way before. */
  async function readAfter(): Promise<KeyRing> {
    await reading?.catch(() => {});
    return read();
  }

  const lifeOf = (algorithm: Algorithm) =>
    algorithm === "HS256" ? Math.max(deps.tokenLifeSeconds, deps.foreignLifeSeconds) : deps.tokenLifeSeconds;

  /** A turn with a new key. */
  async function make(turn: number, { algorithm, signsFrom }: NewTurn): Promise<Turn> {
    const key =
      algorithm === "HS256"
        ? { kid: "HS256", sealed: null }
        : await makeSigningKey(secretKeys, algorithm, signing.rsaBits);
    const times = { made_at: clock.now(), signs_from: signsFrom, token_life: lifeOf(algorithm) };
    return { turn, algorithm, ...key, ...times, dropped_at: null };
  }

  function tellOf({ kid, algorithm, signs_from }: Turn): void {
    const facts = { kid, algorithm, signsFrom: new Date(signs_from).toISOString() };
    log.info(facts, "a key for access tokens was added");
  }

  /** Adds a turn after these; false where another process was first. */
  async function add(turns: readonly Turn[], wanted: NewTurn): Promise<boolean> {
    const turn = await make((turns.at(-1)?.turn ?? 0) + 1, wanted);
    const isAdded = await insertTurn(db, turn);
    if (isAdded) tellOf(turn);
    return isAdded;
  }

  /**
   * The first change from HS256: its tokens are good until their end. Where nobody ever logged in no verifier can have
   * seen the empty set, and the new key signs at once.
   */
  async function begin(): Promise<void> {
    const signsFrom = (await hasSessions(db)) ? clock.now() + leadMillis : clock.now();
    const hs256 = { ...(await make(1, { algorithm: "HS256", signsFrom: 0 })), made_at: 0 };
    const first = await make(2, { algorithm: signing.algorithm, signsFrom });
    // Both or none: who finds the one has the other.
    const isAdded = await db.transaction(
      async (transaction) => (await insertTurn(transaction, hs256)) && insertTurn(transaction, first),
    );
    if (isAdded) tellOf(first);
  }

  /** What the settings and the time ask for. Every process may call it at any time. */
  async function tend(): Promise<KeyRing> {
    const ring = await readAfter();
    if (ring.turns.length === 0) {
      if (signing.algorithm === "HS256") return ring;
      await begin();
      return readAfter();
    }
    const due = dueTurn(ring.turns, clock.now(), rules, ring.isUsable);
    if (due !== null) await add(ring.turns, due);
    const turn = signingTurn(ring.turns, clock.now());
    const life = turn === null ? 0 : lifeOf(turn.algorithm);
    if (turn !== null && turn.token_life < life) await lengthenTurn(db, turn.turn, life);
    return readAfter();
  }

  /**
   * Removes turns whose last token is over, and returns how many; the last turn stays. So does HS256 that was dropped: its
   * row alone says so where HS256_TOKENS_UNTIL has a later day (key-ring.ts).
   */
  async function purge(limit: number): Promise<number> {
    const { turns } = await tend();
    const over = turns
      .slice(0, -1)
      .filter(({ algorithm, dropped_at }) => algorithm !== "HS256" || dropped_at === null)
      .filter((turn) => (endOf(turns, turn) ?? Number.POSITIVE_INFINITY) <= clock.now());
    for (const { turn } of over.slice(0, limit)) await removeTurn(db, turn);
    return Math.min(over.length, limit);
  }

  return {
    /** The keys, read if they were not yet. */
    ring: async (): Promise<KeyRing> => present ?? read(),

    /** Read once more, at most every second: for a token whose key is unknown. */
    ringAgain: async (): Promise<KeyRing> =>
      present !== null && performance.now() - readAt < readAgainMillis ? present : read(),

    tend,
    add,
    purge,

    /** Reads them every few seconds. */
    watch(): { stop(): void } {
      const timer = setInterval(() => {
        read().catch((error: unknown) => log.warn({ err: error }, "the keys of tokens can't be read"));
      }, readEveryMillis);
      timer.unref();
      return { stop: () => clearInterval(timer) };
    },
  };
}
