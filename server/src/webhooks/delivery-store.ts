import type { Generated } from "kysely";
import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";

/**
 * The table `webhook_deliveries`: a row for each event and endpoint, written with the change. `due_at` of one that is being sent
 * is the end of its lease, after which anybody may take it again; `attempts` counts those begun and is the fence: who lost the
 * lease holds an older number, and what they report changes nothing.
 */
type DeliveryState = "waiting" | "sending" | "delivered" | "failed";

export interface DeliveryRow {
  readonly id: number;
  readonly endpoint_id: number;
  readonly message_id: string;
  readonly type: string;
  readonly user_id: number | null;
  readonly body: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly due_at: number;
  readonly created_at: number;
  readonly finished_at: number | null;
  readonly last_status: number | null;
  /** Up to 4 KB of what the receiver answered; null where the account is erased, as the error is. */
  readonly last_answer: string | null;
  readonly last_error: string | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    webhook_deliveries: { -readonly [Name in keyof DeliveryRow]: DeliveryRow[Name] } & {
      id: Generated<number>;
    };
  }
}

interface NewMessage {
  readonly messageId: string;
  readonly type: string;
  /** ` type ` between blanks, as the endpoints' lists are searched. */
  readonly pattern: string;
  /** 1 where it goes only to who lists it. */
  readonly asked: number;
  readonly userId: number | null;
  readonly body: string;
  readonly now: number;
}

/**
 * One statement for all endpoints: nothing is read first, so none that is made or changed meanwhile is half told. One that is off or
 * failing has its rows too, which wait until it is on again; one that said 410 wants none any more.
 */
const fanOut = statement("webhook_deliveries.fanOut", (db, values: NewMessage, engine) => {
  const text = (value: string) =>
    engine === "postgres" ? sql<string>`cast(${value} as text)` : sql<string>`${value}`;
  const count = (value: number | null) =>
    engine === "postgres" ? sql<number>`cast(${value} as bigint)` : sql<number>`${value}`;
  return db
    .insertInto("webhook_deliveries")
    .columns(["endpoint_id", "message_id", "type", "user_id", "body", "state", "due_at", "created_at"])
    .expression((from) =>
      from
        .selectFrom("webhook_endpoints")
        .select([
          "webhook_endpoints.id",
          text(values.messageId).as("message_id"),
          text(values.type).as("type"),
          count(values.userId).as("user_id"),
          text(values.body).as("body"),
          sql<DeliveryState>`'waiting'`.as("state"),
          count(values.now).as("due_at"),
          count(values.now).as("created_at"),
        ])
        .where("webhook_endpoints.state", "<>", "gone")
        .where(
          sql<boolean>`(' ' || events || ' ' like ${text(values.pattern)} or (events = '' and ${count(values.asked)} = 0))`,
        ),
    )
    .returning("id");
});

/** A row for each endpoint that wants it; returns how many. */
export async function insertDeliveries(
  transaction: Db,
  message: Omit<NewMessage, "pattern">,
): Promise<number> {
  // Names of events have an underscore at most, which stands for itself too.
  return (await transaction.all(fanOut, { ...message, pattern: `% ${message.type} %` })).length;
}

/** One, for this endpoint whatever it lists: a test. Returns its number. */
export async function insertDelivery(
  transaction: Db,
  endpointId: number,
  message: Omit<NewMessage, "pattern" | "asked">,
): Promise<number> {
  const { id } = await transaction.kysely
    .insertInto("webhook_deliveries")
    .values({
      ...{ endpoint_id: endpointId, message_id: message.messageId, type: message.type },
      ...{ user_id: message.userId, body: message.body, state: "waiting", attempts: 0 },
      ...{ due_at: message.now, created_at: message.now },
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return Number(id);
}

const dueEndpoints = statement("webhook_deliveries.dueEndpoints", (db, values: { now: number }) =>
  db
    .selectFrom("webhook_endpoints")
    .select("id")
    .where("state", "=", "on")
    .where("paused_until", "<=", values.now)
    .where((row) =>
      row.exists((from) =>
        from
          .selectFrom("webhook_deliveries")
          .select(sql`1`.as("one"))
          .whereRef("webhook_deliveries.endpoint_id", "=", "webhook_endpoints.id")
          .where(sql<boolean>`webhook_deliveries.state in ('waiting', 'sending')`)
          .where("webhook_deliveries.due_at", "<=", values.now),
      ),
    ),
);

/** Endpoints for which something is to be sent now. */
export const endpointsDue = async (db: Db, now: number): Promise<number[]> =>
  (await db.all(dueEndpoints, { now })).map(({ id }) => Number(id));

const inHand = statement("webhook_deliveries.inHand", (db, values: { endpointId: number; now: number }) =>
  db
    .selectFrom("webhook_deliveries")
    .select((row) => row.fn.countAll<number>().as("count"))
    .where("endpoint_id", "=", values.endpointId)
    .where(sql<boolean>`state in ('waiting', 'sending')`)
    .where("state", "=", "sending")
    .where("due_at", ">", values.now),
);

/** How many are being sent to it, by any process. */
export const countInHand = async (db: Db, endpointId: number, now: number): Promise<number> =>
  Number((await db.first(inHand, { endpointId, now }))?.count ?? 0);

const claim = statement(
  "webhook_deliveries.claim",
  (db, values: { endpointId: number; now: number; leaseEndsAt: number; limit: number }) =>
    db
      .updateTable("webhook_deliveries")
      .set((row) => ({ state: "sending", due_at: values.leaseEndsAt, attempts: row("attempts", "+", 1) }))
      .where("id", "in", (due) =>
        due
          .selectFrom("webhook_deliveries")
          .select("id")
          .where("endpoint_id", "=", values.endpointId)
          .where(sql<boolean>`state in ('waiting', 'sending')`)
          .where("due_at", "<=", values.now)
          .orderBy("due_at")
          .orderBy("id")
          .limit(values.limit),
      )
      .returningAll(),
);

/** Takes up to `limit` for sending, the oldest first. The endpoint's row is locked by the caller. */
export const claimDeliveries = async (
  transaction: Db,
  values: { endpointId: number; now: number; leaseEndsAt: number; limit: number },
): Promise<DeliveryRow[]> => (await transaction.all(claim, values)) as DeliveryRow[];

interface Outcome {
  readonly id: number;
  readonly attempts: number;
  readonly state: DeliveryState;
  readonly dueAt: number;
  readonly attemptsAfter: number;
  readonly finishedAt: number | null;
  readonly status: number | null;
  readonly answer: string | null;
  readonly error: string | null;
}

const finish = statement("webhook_deliveries.finish", (db, values: Outcome) =>
  db
    .updateTable("webhook_deliveries")
    .set({
      state: values.state,
      due_at: values.dueAt,
      attempts: values.attemptsAfter,
      finished_at: values.finishedAt,
      last_status: values.status,
      last_answer: values.answer,
      last_error: values.error,
    })
    .where("id", "=", values.id)
    .where("attempts", "=", values.attempts)
    .where("state", "=", "sending")
    .returning("id"),
);

const emptyOfErased = statement("webhook_deliveries.emptyOfErased", (db, values: { id: number }) =>
  db
    .updateTable("webhook_deliveries")
    .set({ last_answer: null, last_error: null })
    .where("id", "=", values.id)
    .where("user_id", "is not", null)
    .where((row) =>
      row.not(
        row.exists((from) =>
          from
            .selectFrom("users")
            .select(sql`1`.as("one"))
            .whereRef("users.id", "=", "webhook_deliveries.user_id"),
        ),
      ),
    )
    .returning("id"),
);

/**
 * What came of an attempt: of an erased account (`user.deleted`, and what was on its way) the status alone, because nobody would empty
 * what the receiver wrote of the person. False where somebody else has it by now.
 */
export async function writeOutcome(transaction: Db, outcome: Outcome): Promise<boolean> {
  if ((await transaction.first(finish, outcome)) === null) return false;
  // After the row is written, which an erasure that is under way writes too: then one of both sees the other's.
  if (outcome.answer !== null || outcome.error !== null) {
    await transaction.first(emptyOfErased, { id: outcome.id });
  }
  return true;
}

/** Puts back what waits no more: one, or every failed one of the endpoint. Returns how many. */
export async function putBack(
  transaction: Db,
  endpointId: number,
  deliveryId: number | null,
  now: number,
): Promise<number> {
  let query = transaction.kysely
    .updateTable("webhook_deliveries")
    .set({ state: "waiting", due_at: now, attempts: 0, finished_at: null })
    .where("endpoint_id", "=", endpointId);
  query =
    deliveryId === null
      ? query.where("state", "=", "failed")
      : query.where("id", "=", deliveryId).where("state", "<>", "sending");
  return (await query.returning("id").execute()).length;
}

/** The latest first. */
export async function listDeliveries(
  db: Db,
  filter: { endpointId: number; before?: number | undefined; limit: number },
): Promise<DeliveryRow[]> {
  let query = db.kysely
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("endpoint_id", "=", filter.endpointId);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return (await query.orderBy("id", "desc").limit(filter.limit).execute()) as DeliveryRow[];
}

const purge = statement("webhook_deliveries.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("webhook_deliveries")
    .where("id", "in", (old) =>
      old
        .selectFrom("webhook_deliveries")
        .select("id")
        .where("created_at", "<=", values.before)
        .limit(values.limit),
    )
    .returning("id"),
);

const takeAway = statement(
  "webhook_deliveries.takeAway",
  (db, values: { endpointId: number; limit: number }) =>
    db
      .deleteFrom("webhook_deliveries")
      .where("id", "in", (some) =>
        some
          .selectFrom("webhook_deliveries")
          .select("id")
          .where("endpoint_id", "=", values.endpointId)
          .orderBy("id")
          .limit(values.limit),
      )
      .returning("id"),
);

/** Removes up to `limit` of an endpoint's, the oldest first; returns how many. */
export const takeDeliveriesAway = async (db: Db, endpointId: number, limit: number): Promise<number> =>
  (await db.all(takeAway, { endpointId, limit })).length;

/** Removes up to `limit` of before then; returns how many. */
export const purgeDeliveries = async (db: Db, before: number, limit: number): Promise<number> =>
  (await db.all(purge, { before, limit })).length;
