import { AppError } from "../../errors/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import { randomToken } from "../../kernel/ids.ts";
import { createTurns } from "../../kernel/in-turn.ts";
import type { Db } from "../database/database.ts";
import {
  checkOperation,
  type KeyValue,
  key,
  type Leave,
  type Operation,
  type Outcome,
  type Share,
} from "./kv.ts";
import { probeKeys } from "./probe.ts";
import {
  addAbsent,
  decrement,
  find,
  incrementBelow,
  lockSubject,
  put,
  remove,
  removeLast,
  subjectIn,
  takeOut,
} from "./sql-kv-entries.ts";

export interface SqlKvOptions {
  /** How long a batch waits for those of its subject; its own statements have the database's limits. */
  readonly turnLimitMillis?: number;
}

/**
 * The key-value contract on the table `kv_entries`. Promise: every verb is one SQL statement, so it is atomic
 * without reading first, or is in a batch, which is one short transaction that one subject has alone. An expired
 * row counts as absent and is overwritten in place; `purgeExpiredEntries` removes it later. Never call it inside
 * `Db.transaction`: it is no part of that transaction, and on SQLite it would wait for the writer which that
 * transaction holds; `within` is for that.
 */
export function createSqlKv(db: Db, clock: Clock, { turnLimitMillis = 1500 }: SqlKvOptions = {}): KeyValue {
  const one = async (operation: Operation) => {
    checkOperation(operation);
    return perform(db, operation, clock.now());
  };

  // Batches of one subject wait for its lock, each with a connection of the pool that everybody shares (attack: many
  // tries at one name, which stop all else that writes; guard: kv-pool.test.ts). Before a PostgreSQL that hangs each
  // would wait for the limits of all before it, so who waits long gets AppError `unavailable` and has changed nothing.
  const inTurn = createTurns(turnLimitMillis, () => new AppError("unavailable", { retryAfterSeconds: 2 }));

  // One of its own for each process: they don't wait for each other.
  const probed = key("probe", randomToken());
  const store: KeyValue = {
    get: async (key) => (await one({ verb: "get", key })).value,
    set: async (key, value, ttlSeconds) => {
      await one({ verb: "set", key, value, ttlSeconds });
    },
    add: (key, value, ttlSeconds) => one({ verb: "add", key, value, ttlSeconds }),
    take: async (key) => (await one({ verb: "take", key })).value,
    increment: (key, { limit, ttlSeconds }) => one({ verb: "increment", key, limit, ttlSeconds }),
    delete: async (key) => {
      await one({ verb: "delete", key });
    },
    async batch(operations) {
      for (const operation of operations) checkOperation(operation);
      const [first, ...others] = operations;
      if (!first) return [];
      if (others.length === 0 && isOneStatement(first)) return [await one(first)];
      const transact = () =>
        db.transaction(async (transaction) => {
          await lockSubject(transaction, first.key);
          return performAll(transaction, operations, clock.now());
        });
      try {
        return await (db.engine === "postgres" ? inTurn(subjectIn(first.key), transact) : transact());
      } catch (error) {
        if (error instanceof Undone) return error.outcomes;
        throw error;
      }
    },
    ...(db.engine === "sqlite" ? { within: withinOn(clock) } : {}),
    probe: () => probeKeys(store.batch, [probed]),
    // The database belongs to whoever opened it.
    close: async () => {},
  };
  return store;
}

const withinOn =
  (clock: Clock): KeyValue["within"] =>
  (transaction) => ({
    get: async (key) => (await perform(transaction, { verb: "get", key }, clock.now())).value,
    async batch(operations) {
      for (const operation of operations) checkOperation(operation);
      return performSome(transaction, operations, clock.now());
    },
  });

const done: Outcome = { refused: false, value: null, count: 0, retryAfterSeconds: 0, lifeMillis: 0 };
const notDone: Outcome = { ...done, refused: true };

/** Thrown to roll a refused batch back. */
class Undone extends Error {
  readonly outcomes: Outcome[];
  constructor(outcomes: Outcome[]) {
    super("a refused batch");
    this.outcomes = outcomes;
  }
}

async function performAll(transaction: Db, operations: readonly Operation[], now: number) {
  const outcomes = await performSome(transaction, operations, now);
  const refusedAt = outcomes.findIndex(({ refused }) => refused);
  // Where the first was refused there is nothing to undo.
  if (refusedAt > 0) throw new Undone(outcomes);
  return outcomes;
}

/** Up to the first that is refused. */
async function performSome(transaction: Db, operations: readonly Operation[], now: number) {
  const outcomes: Outcome[] = [];
  for (const operation of operations) {
    const outcome = await perform(transaction, operation, now);
    outcomes.push(outcome);
    if (!outcome.refused) continue;
    while (outcomes.length < operations.length) outcomes.push(notDone);
    break;
  }
  return outcomes;
}

const isOneStatement = ({ verb }: Operation) => verb !== "decrement" && verb !== "share" && verb !== "leave";

async function perform(db: Db, operation: Operation, now: number): Promise<Outcome> {
  const { key } = operation;
  switch (operation.verb) {
    case "get": {
      const entry = await db.first(find, { key, now });
      return entry ? { ...done, value: entry.value } : done;
    }
    case "take": {
      const entry = await db.first(takeOut, { key, now });
      return entry ? { ...done, value: entry.value } : done;
    }
    case "set":
      await db.first(put, { key, value: operation.value, expiresAt: expiry(operation.ttlSeconds, now) });
      return done;
    case "delete":
      await db.first(remove, { key });
      return done;
    case "expect": {
      const entry = await db.first(find, { key, now });
      return (entry?.value ?? "") === operation.value ? done : refusal(db, key, now, 0);
    }
    case "add": {
      const expiresAt = expiry(operation.ttlSeconds, now);
      const added = await db.first(addAbsent, { key, value: operation.value, expiresAt, now });
      return added ? done : refusal(db, key, now, 0);
    }
    case "increment": {
      const { limit } = operation;
      const expiresAt = expiry(operation.ttlSeconds, now);
      const entry = await db.first(incrementBelow, { key, limit, expiresAt, now });
      return entry ? { ...done, count: Number(entry.value) } : refusal(db, key, now, limit);
    }
    case "decrement":
      if (!(await db.first(decrement, { key, now }))) await db.first(removeLast, { key });
      return done;
    case "share":
      return share(db, operation, now);
    case "leave":
      await leave(db, operation, now);
      return done;
  }
}

/** Reads before it writes: in a batch alone, under its subject's lock. */
async function share(transaction: Db, operation: Share, now: number): Promise<Outcome> {
  const { key, holdersKey, holder } = operation;
  const held = await transaction.first(find, { key, now });
  const span = held && (await transaction.first(find, { key: holdersKey, now }));
  const spanEnds = held ? (span?.expires_at ?? held.expires_at) : expiry(operation.spanSeconds, now);
  const wanted = Math.min(expiry(operation.ttlSeconds, now), spanEnds);
  const expiresAt = held ? Math.max(held.expires_at, wanted) : wanted;
  const value = held?.value ?? operation.value;
  const holders = span ? `${span.value},${holder}` : holder;
  await transaction.first(put, { key, value, expiresAt });
  await transaction.first(put, { key: holdersKey, value: holders, expiresAt: spanEnds });
  return { ...done, value, count: holders.split(",").length, lifeMillis: expiresAt - now };
}

async function leave(transaction: Db, { key, holdersKey, value, holder }: Leave, now: number): Promise<void> {
  const held = await transaction.first(find, { key, now });
  const span = held?.value === value ? await transaction.first(find, { key: holdersKey, now }) : null;
  const holders = span?.value.split(",") ?? [];
  const at = holders.lastIndexOf(holder);
  if (span === null || at < 0) return;
  holders.splice(at, 1);
  if (holders.length > 0) {
    await transaction.first(put, { key: holdersKey, value: holders.join(","), expiresAt: span.expires_at });
  } else {
    await transaction.first(remove, { key });
    await transaction.first(remove, { key: holdersKey });
  }
}

function expiry(ttlSeconds: number, now: number): number {
  return now + Math.ceil(ttlSeconds * 1000);
}

/** Read after the decision: it only says how long to wait, and an entry that went meanwhile means one second. */
async function refusal(db: Db, key: string, now: number, count: number): Promise<Outcome> {
  const entry = await db.first(find, { key, now });
  const retryAfterSeconds = entry ? Math.max(1, Math.ceil((entry.expires_at - now) / 1000)) : 1;
  return { ...notDone, count, retryAfterSeconds };
}
