import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { type Clock, dayMillis, epochSeconds } from "../kernel/clock.ts";
import { randomBelow } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import {
  claimDeliveries,
  countInHand,
  type DeliveryRow,
  endpointsDue,
  writeOutcome,
} from "./delivery-store.ts";
import type { EndpointSecrets } from "./endpoint-secret.ts";
import { type EndpointRow, findEndpoint, lockEndpoint, writeEndpoint } from "./endpoint-store.ts";
import { retryMillis } from "./retry-schedule.ts";
import type { Attempt, Sender } from "./send-delivery.ts";

/**
 * Sends what is due. Promises: at least once and never lost: a delivery is a committed row, taken by a lease, so that of a killed
 * process goes on elsewhere when the lease ends; one endpoint has no more than four at a time over all processes, and a place that
 * comes free goes to the endpoint that got one longest ago, so that slow ones with much to be told hold nobody else up for longer than their
 * attempts last; one that is switched off is sent nothing from then on (guards: webhook-faults.test.ts,
 * webhook-turns.test.ts, webhooks.race.test.ts).
 */
export interface DeliveriesDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly secrets: EndpointSecrets;
  readonly sender: Sender;
}

const atOncePerEndpoint = 4;
const atOnce = 32;
/** Longer than an attempt can take. */
const leaseMillis = 60_000;
/** An endpoint that nothing got through to for so long is switched off. */
const failingDays = 5;
/** What an overloaded receiver is left alone for when it doesn't say. */
const overloadedSeconds = 60;
const overloaded: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export type Deliveries = ReturnType<typeof createDeliveries>;

export function createDeliveries(deps: DeliveriesDeps) {
  const { db, clock, log, audit, secrets, sender } = deps;
  const counts = { delivered: 0, retried: 0, failed: 0 };
  /** In which order endpoints got a place of this process; who has none yet comes first. */
  const turns = new Map<number, number>();
  let turn = 0;
  const system = { id: null, name: "(webhooks)", requestId: null };

  /** Under the endpoint's lock, so that two processes never have more than it may have. */
  function claim(endpointId: number, room: number) {
    return db.transaction(async (transaction) => {
      const endpoint = await lockEndpoint(transaction, endpointId);
      const now = clock.now();
      if (endpoint === null || endpoint.state !== "on" || endpoint.paused_until > now) return null;
      const limit = Math.min(room, atOncePerEndpoint - (await countInHand(transaction, endpointId, now)));
      if (limit <= 0) return null;
      const values = { endpointId, now, leaseEndsAt: now + leaseMillis, limit };
      return { endpoint, rows: await claimDeliveries(transaction, values) };
    });
  }

  async function deliver(endpoint: EndpointRow, row: DeliveryRow, stop: AbortSignal): Promise<void> {
    const now = clock.now();
    const before = (endpoint.before_until ?? 0) > now ? endpoint.sealed_before : null;
    const keys = [endpoint.sealed, before]
      .filter((sealed) => sealed !== null)
      .map((sealed) => secrets.open(sealed, endpoint.id))
      .filter((key) => key !== null);
    const unreadable = {
      ...{ status: null, answer: null, retryAfterSeconds: null },
      error: "its secret is under another SECRET_KEY: rotate it",
    };
    const attempt =
      keys.length === 0
        ? unreadable
        : await sender.send(
            {
              ...{ url: endpoint.url, id: row.message_id, body: row.body },
              ...{ seconds: epochSeconds(clock), secrets: keys },
            },
            stop,
          );
    await settle(row, attempt, stop.aborted);
  }

  async function settle(row: DeliveryRow, attempt: Attempt, isCutOff: boolean): Promise<void> {
    const { status, answer, error } = attempt;
    const isDelivered = status !== null && status >= 200 && status < 300;
    await db.transaction(async (transaction) => {
      const endpoint = await lockEndpoint(transaction, row.endpoint_id);
      if (endpoint === null) return;
      const now = clock.now();
      const held = { id: row.id, attempts: row.attempts, status, answer, error };
      const fields = {
        endpoint: endpoint.id,
        delivery: row.id,
        type: row.type,
        attempt: row.attempts,
        status,
      };
      if (isDelivered) {
        const done = { ...held, state: "delivered" as const, dueAt: now, attemptsAfter: row.attempts };
        if (!(await writeOutcome(transaction, { ...done, finishedAt: now }))) return;
        counts.delivered++;
        if (endpoint.failing_since !== null) {
          await writeEndpoint(transaction, endpoint.id, { failing_since: null });
        }
        log.info(fields, "webhook delivered");
        return;
      }
      const wait = isCutOff ? 0 : retryMillis(row.attempts, randomBelow(1000) / 1000);
      const asked = (attempt.retryAfterSeconds ?? 0) * 1000;
      const outcome =
        wait === null
          ? { ...held, state: "failed" as const, dueAt: now, finishedAt: now, attemptsAfter: row.attempts }
          : {
              ...{ ...held, state: "waiting" as const, dueAt: now + Math.max(wait, asked), finishedAt: null },
              attemptsAfter: isCutOff ? row.attempts - 1 : row.attempts,
            };
      if (!(await writeOutcome(transaction, outcome)) || isCutOff) return;
      counts[wait === null ? "failed" : "retried"]++;
      log.warn(
        { ...fields, reason: error },
        wait === null ? "webhook given up" : "webhook failed, will be retried",
      );
      await noteFailure(transaction, endpoint, attempt, now);
    });
  }

  async function noteFailure(transaction: Db, endpoint: EndpointRow, attempt: Attempt, now: number) {
    const { status, retryAfterSeconds } = attempt;
    const since = endpoint.failing_since ?? now;
    const isOverloaded = status !== null && (overloaded.has(status) || retryAfterSeconds !== null);
    const pause = isOverloaded ? (retryAfterSeconds ?? overloadedSeconds) * 1000 : 0;
    await writeEndpoint(transaction, endpoint.id, {
      failing_since: since,
      ...(pause > 0 ? { paused_until: now + pause } : {}),
    });
    if (endpoint.state !== "on") return;
    const state = status === 410 ? "gone" : now - since >= failingDays * dayMillis ? "failing" : null;
    if (state === null) return;
    await writeEndpoint(transaction, endpoint.id, { state, updated_at: now });
    await audit.record(transaction, system, {
      ...{
        action: "webhook.switched-off",
        targetKind: "webhook",
        targetId: endpoint.id,
        target: endpoint.url,
      },
      ...{ before: { state: "on" }, after: { state } },
    });
    log.error(
      { alarm: "webhook_off", endpoint: endpoint.id, state, status },
      "a webhook endpoint was switched off",
    );
  }

  async function takeAll(room: number): Promise<{ endpoint: EndpointRow; row: DeliveryRow }[]> {
    const taken: { endpoint: EndpointRow; row: DeliveryRow }[] = [];
    if (room <= 0) return taken;
    const turnOf = (id: number) => turns.get(id) ?? 0;
    const due = (await endpointsDue(db, clock.now())).sort((one, other) => turnOf(one) - turnOf(other));
    for (const id of due) {
      if (taken.length >= room) break;
      const claimed = await claim(id, room - taken.length);
      if (claimed === null || claimed.rows.length === 0) continue;
      turns.set(id, ++turn);
      taken.push(...claimed.rows.map((row) => ({ endpoint: claimed.endpoint, row })));
    }
    return taken;
  }

  return {
    atOnce,
    takeAll,
    deliver,
    find: (id: number) => findEndpoint(db, id),
    /** For metrics: since the start. */
    stats: () => ({ ...counts }),
  };
}
