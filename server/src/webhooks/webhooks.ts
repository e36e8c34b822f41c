import type { Actor, Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import { changesAccount, type EventName, eventNames, isAskedFor } from "../events/event-names.ts";
import type { AccountEvent, EventSink } from "../events/events.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import { inSteps } from "../kernel/next-turn.ts";
import {
  type DeliveryRow,
  insertDeliveries,
  insertDelivery,
  listDeliveries,
  purgeDeliveries,
  putBack,
  takeDeliveriesAway,
} from "./delivery-store.ts";
import { readEndpointUrl } from "./endpoint-address.ts";
import type { EndpointSecrets } from "./endpoint-secret.ts";
import {
  deleteEndpoint,
  type EndpointRow,
  type EndpointState,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  lockEndpoint,
  maxEndpoints,
  writeEndpoint,
} from "./endpoint-store.ts";

/**
 * Where other programs of the site are told what happened, as an operator keeps it. Promises: a secret is shown once, when it is
 * made; a new one signs beside the one before for 24 hours, and of two rotations at once one is refused, so that whoever was
 * handed a secret keeps it; every act is in the audit log (guards: webhooks.test.ts, webhooks.race.test.ts).
 */
export interface WebhooksDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly secrets: EndpointSecrets;
  readonly webhookPrivateHosts: readonly string[];
}

/** As an operator sees it. Times in epoch milliseconds. */
export interface Endpoint {
  readonly id: number;
  readonly url: string;
  readonly events: readonly string[];
  readonly state: EndpointState;
  readonly createdAt: number;
  readonly failingSince: number | null;
  readonly oldSecretUntil: number | null;
}

const overlapMillis = 24 * 3600 * 1000;
/** How long a delivery can be looked up, and sent again. */
const keptMillis = 30 * dayMillis;
/** Deliveries of an endpoint that is removed, in one commit. */
const removedAtOnce = 100;

export type Delivery = DeliveryRow;

export type Webhooks = ReturnType<typeof createWebhooks>;

/** Gives an account its next version in the transaction of its change, or null where there is no such account. */
export type NextVersion = (transaction: Db, userId: number, now: number) => Promise<number | null>;

/**
 * Writes what an event tells into the deliveries of every endpoint that wants it. What changes an account has the account's
 * version after it, by which a receiver knows which of two is the later, however they arrive; there is one whether anybody is told or not, because whoever reads the account compares by it too (guards: webhooks.test.ts, webhooks.race.test.ts).
 */
export function toEndpoints(nextVersion: NextVersion): EventSink {
  return async (transaction, event, at) => {
    const isAsked = isAskedFor(event.type);
    const counted = changesAccount(event.type) ? event.userId : null;
    const version = counted === null ? null : await nextVersion(transaction, counted, at);
    const data = { ...(version === null ? {} : { version }), ...event.data };
    await insertDeliveries(transaction, { ...messageOf({ ...event, data }, at), asked: isAsked ? 1 : 0 });
  };
}

function messageOf({ type, userId, data }: AccountEvent, now: number) {
  const facts = { ...(userId === null ? {} : { user_id: userId }), ...data };
  const body = JSON.stringify({ type, timestamp: new Date(now).toISOString(), data: facts });
  return { messageId: `msg_${randomToken(16)}`, type, userId, body, now };
}

export function createWebhooks({ db, clock, audit, secrets, webhookPrivateHosts }: WebhooksDeps) {
  const view = (row: EndpointRow): Endpoint => ({
    ...{ id: row.id, url: row.url, state: row.state, events: row.events === "" ? [] : row.events.split(" ") },
    ...{ createdAt: row.created_at, failingSince: row.failing_since },
    oldSecretUntil: (row.before_until ?? 0) > clock.now() ? row.before_until : null,
  });
  const about = ({ id, url }: Pick<EndpointRow, "id" | "url">) =>
    ({ targetKind: "webhook", targetId: id, target: url }) as const;

  /** Errors: `invalid_fields`. */
  function checked(input: { url?: string | undefined; events?: readonly string[] | undefined }) {
    const read = input.url === undefined ? null : readEndpointUrl(input.url, webhookPrivateHosts);
    if (read !== null && "problem" in read) throw invalidFields({ field: "url", code: read.problem });
    const wrong = input.events?.find((name) => !eventNames.includes(name as EventName));
    if (wrong !== undefined) {
      throw invalidFields({ field: "events", code: "unknown_event", parameters: { value: wrong } });
    }
    return {
      ...(read !== null && { url: read.url }),
      ...(input.events !== undefined && { events: [...new Set(input.events)].sort().join(" ") }),
    };
  }

  /** Error: `not_found`. */
  async function locked(transaction: Db, id: number): Promise<EndpointRow> {
    const row = await lockEndpoint(transaction, id);
    if (row === null) throw new AppError("not_found");
    return row;
  }

  return {
    /** Makes one. Returns its secret, this once. Error: `invalid_fields`. */
    async add(
      actor: Actor,
      input: { readonly url: string; readonly events: readonly string[] },
    ): Promise<{ endpoint: Endpoint; secret: string }> {
      const { url = "", events = "" } = checked(input);
      const now = clock.now();
      return db.transaction(async (transaction) => {
        if ((await listEndpoints(transaction)).length >= maxEndpoints) {
          const parameters = { max: maxEndpoints };
          throw invalidFields({ field: "url", code: "too_many_webhooks", parameters });
        }
        const row = {
          ...{ url, events, state: "on" as const, sealed: "", sealed_before: null, before_until: null },
          ...{ created_at: now, updated_at: now, failing_since: null, paused_until: 0 },
        };
        const id = await insertEndpoint(transaction, row);
        const secret = secrets.make(id);
        await writeEndpoint(transaction, id, { sealed: secret.sealed });
        await audit.record(transaction, actor, {
          ...{ action: "webhook.create", ...about({ id, url }), before: {}, after: { url, events } },
        });
        return { endpoint: view({ ...row, id }), secret: secret.shown };
      });
    },

    list: async (): Promise<Endpoint[]> => (await listEndpoints(db)).map(view),

    /** For metrics: how many are in each state. */
    async states(): Promise<Readonly<Record<EndpointState, number>>> {
      const states = { on: 0, off: 0, gone: 0, failing: 0 };
      for (const { state } of await listEndpoints(db)) states[state]++;
      return states;
    },

    /** Error: `not_found`. */
    async find(id: number): Promise<Endpoint> {
      const row = await findEndpoint(db, id);
      if (row === null) throw new AppError("not_found");
      return view(row);
    },

    /** Switched on again it is sent what waited. Errors: `not_found`, `invalid_fields`. */
    async change(
      actor: Actor,
      id: number,
      input: { url?: string | undefined; events?: readonly string[] | undefined; isOn?: boolean | undefined },
    ): Promise<Endpoint> {
      const written = checked(input);
      return db.transaction(async (transaction) => {
        const before = await locked(transaction, id);
        const state =
          input.isOn === undefined ? {} : { state: input.isOn ? ("on" as const) : ("off" as const) };
        const afresh = input.isOn === true ? { failing_since: null, paused_until: 0 } : {};
        await writeEndpoint(transaction, id, { ...written, ...state, ...afresh, updated_at: clock.now() });
        const after = { ...before, ...written, ...state, ...afresh };
        await audit.record(transaction, actor, {
          ...{ action: "webhook.change", ...about(before) },
          before: { url: before.url, events: before.events, state: before.state },
          after: { url: after.url, events: after.events, state: after.state },
        });
        return view(after);
      });
    },

    /**
     * Another secret, returned this once; the one before signs beside it for 24 hours, or ends now where it leaked (`atOnce`).
     * Errors: `not_found`; `webhook_rotating` while two sign already.
     */
    async rotate(actor: Actor, id: number, atOnce = false): Promise<{ endpoint: Endpoint; secret: string }> {
      return db.transaction(async (transaction) => {
        const before = await locked(transaction, id);
        const now = clock.now();
        const until = before.before_until ?? 0;
        if (!atOnce && until > now) {
          const parameters = { until: new Date(until).toISOString().slice(0, 16) };
          throw new AppError("webhook_rotating", { parameters });
        }
        const secret = secrets.make(id);
        const written = {
          ...{ sealed: secret.sealed, updated_at: now },
          ...(atOnce
            ? { sealed_before: null, before_until: null }
            : { sealed_before: before.sealed, before_until: now + overlapMillis }),
        };
        await writeEndpoint(transaction, id, written);
        await audit.record(transaction, actor, {
          ...{ action: "webhook.rotate", ...about(before), before: { old_until: null } },
          after: { old_until: atOnce ? now : now + overlapMillis },
        });
        return { endpoint: view({ ...before, ...written }), secret: secret.shown };
      });
    },

    /**
     * Removes it with its deliveries, which go first, some at a time: with their endpoint a million of them were one statement, and on
     * SQLite nobody was answered meanwhile. Error: `not_found`.
     */
    async remove(actor: Actor, id: number): Promise<void> {
      await inSteps(async () => (await takeDeliveriesAway(db, id, removedAtOnce)) === removedAtOnce);
      await db.transaction(async (transaction) => {
        const row = await locked(transaction, id);
        await deleteEndpoint(transaction, id);
        const before = { url: row.url, events: row.events };
        await audit.record(transaction, actor, {
          action: "webhook.delete",
          ...about(row),
          before,
          after: {},
        });
      });
    },

    /** Sends it a `webhook.test`, whatever it lists. Returns the delivery's number. Error: `not_found`. */
    test: (actor: Actor, id: number): Promise<number> =>
      db.transaction(async (transaction) => {
        const row = await locked(transaction, id);
        const message = messageOf({ type: "webhook.test", userId: null }, clock.now());
        const delivery = await insertDelivery(transaction, id, message);
        await audit.record(transaction, actor, {
          ...{ action: "webhook.test", ...about(row), before: {}, after: { deliveries: 1 } },
        });
        return delivery;
      }),

    /** Puts a delivery back, or every failed one (null). Returns how many. Error: `not_found`. */
    retry: (actor: Actor, id: number, deliveryId: number | null): Promise<number> =>
      db.transaction(async (transaction) => {
        const row = await locked(transaction, id);
        const count = await putBack(transaction, id, deliveryId, clock.now());
        if (count === 0 && deliveryId !== null) throw new AppError("not_found");
        await audit.record(transaction, actor, {
          ...{ action: "webhook.retry", ...about(row), before: {}, after: { deliveries: count } },
        });
        return count;
      }),

    /** The latest first. Error: `not_found`. */
    async deliveries(
      id: number,
      page: { before?: number | undefined; limit: number },
    ): Promise<DeliveryRow[]> {
      if ((await findEndpoint(db, id)) === null) throw new AppError("not_found");
      return listDeliveries(db, { endpointId: id, ...page });
    },

    /** Removes up to `limit` deliveries of more than thirty days ago. */
    purge: (limit: number): Promise<number> => purgeDeliveries(db, clock.now() - keptMillis, limit),
  };
}
