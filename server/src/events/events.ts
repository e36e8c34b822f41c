import type { Actor, AuditEvent } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { JobKind, Jobs } from "../engines/jobs/jobs.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { type EventName, eventNames, eventOfAction, eventOfNotice, isAskedFor } from "./event-names.ts";

/**
 * Where everything that happens to accounts comes together: from here follow the log line, the count in the metrics and what
 * other programs are told. Promises: what an event leads to is written in the transaction of the change it tells of, so there is
 * neither a change that nobody is told of nor news of a change that was undone; one change tells of an event once, however many
 * mails and entries it writes. Ids alone: no name, address or value goes out (guard: events.test.ts).
 */
export interface AccountEvent {
  readonly type: EventName;
  /** Null for what is about nobody. */
  readonly userId: number | null;
  /** More facts, none of them personal. */
  readonly data?: Readonly<Record<string, string | number | boolean | null | readonly number[]>>;
}

/** What is done with an event, within its transaction. */
export type EventSink = (transaction: Db, event: AccountEvent, at: number) => Promise<void>;

export interface EventsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Pick<Log, "info">;
  readonly sinks: readonly EventSink[];
}

export type Events = ReturnType<typeof createEvents>;

/** Fields of an entry by whose change an account is called, or reached, otherwise. */
const names = ["username", "email", "mobile"] as const;

export function createEvents({ db, clock, log, sinks }: EventsDeps) {
  const counts = Object.fromEntries(eventNames.map((name) => [name, 0])) as Record<EventName, number>;
  const told = new WeakMap<Db, Set<string>>();

  async function record(transaction: Db, event: AccountEvent): Promise<void> {
    // Of those that are asked for, the door and the audit log keep a record of their own.
    if (!isAskedFor(event.type)) {
      const key = `${event.type} ${event.userId ?? JSON.stringify(event.data)}`;
      const before = told.get(transaction) ?? new Set<string>();
      if (before.has(key)) return;
      // What is written by itself is a change of its own each time.
      if (transaction !== db) told.set(transaction, before.add(key));
      log.info({ event: event.type, userId: event.userId, ...event.data }, "event");
    }
    counts[event.type]++;
    const at = clock.now();
    for (const sink of sinks) await sink(transaction, event, at);
  }

  return {
    record,

    /** For the audit log (audit/audit.ts): what an entry means, and the entry itself. */
    async ofEntry(
      transaction: Db,
      actor: Actor,
      { id, action, targetKind, targetId, before, after }: AuditEvent & { readonly id: number },
    ): Promise<void> {
      const type = eventOfAction(action);
      const userId = targetKind === "user" ? targetId : null;
      if (type !== null && userId !== null) {
        const [was, is] = [before.is_active, after.is_active];
        const standing = was === is ? null : is === 1 || is === true ? "user.enabled" : "user.disabled";
        if (standing !== null) await record(transaction, { type: standing, userId });
        await record(transaction, { type, userId });
        // Whoever changed them, and by whatever way: not each of these writes a mail that would mean it.
        if (names.some((name) => name in after && after[name] !== before[name])) {
          await record(transaction, { type: "user.login_names_changed", userId });
        }
      }
      // Of whom it has as members there may be a million: who keeps them knows them by the group.
      if (type !== null && targetKind === "group") {
        await record(transaction, { type, userId: null, data: { group_id: targetId } });
      }
      const data = { entry_id: id, action, actor_id: actor.id, target_kind: targetKind, target_id: targetId };
      await record(transaction, { type: "audit.entry", userId, data });
    },

    /** Jobs through which each mail to an owner tells of what it means. `kinds`: the jobs that are such mails. */
    watchNotices(jobs: Jobs, kinds: readonly JobKind[]): Jobs {
      const names = new Set(kinds.map(({ name }) => name));
      const tell = async (transaction: Db, { name }: { readonly name: string }, payload: unknown) => {
        if (!names.has(name)) return;
        const { kind, userId } = payload as { kind: string; userId: number };
        const type = eventOfNotice(kind);
        if (type !== null) await record(transaction, { type, userId });
      };
      return {
        ...jobs,
        async enqueue(kind, payload, options) {
          await jobs.enqueue(kind, payload, options);
          await tell(db, kind, payload);
        },
        async enqueueWith(transaction, kind, payload, options) {
          await tell(transaction, kind, payload);
          await jobs.enqueueWith(transaction, kind, payload, options);
        },
      };
    },

    /** For metrics: how many of each since the start. */
    stats: (): Readonly<Record<EventName, number>> => ({ ...counts }),
  };
}
