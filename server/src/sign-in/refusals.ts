import type { Db } from "../engines/database/database.ts";
import { maskNetwork } from "../kernel/client-address.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import {
  findRefusals,
  latestRefusals,
  purgeRefusals,
  type StoredRefusal,
  storeRefusals,
  throttledRefusals,
} from "./refusal-store.ts";

/**
 * The last refused log-ins of each account, for the operator who is asked "why can't I log in?" (`manage user why`).
 * Promises: nothing of a name that no account has, no password and no name as it was typed, a network without its last
 * part; ten kinds an account at most, for thirty days.
 *
 * Attack: learning by the time of an answer, or of the next one, that a name has an account, since only those are noted.
 * So no answer waits for it: refusals are gathered, and written some seconds later, all at once. What is gathered when the
 * process is killed is lost; the log has it (guard: refusals.test.ts).
 */
export type RefusalReason =
  | "wrong_password"
  | "no_password"
  | "second_factor"
  | "disabled"
  | "throttled"
  | "busy"
  | "hook_refused"
  | "hook_failed";

export interface RefusalsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
}

export type Refusals = ReturnType<typeof createRefusals>;

const keptMillis = 30 * 86_400_000;
/** Of the machine's own time: it only puts work off. */
const gatherMillis = 2_000;
/** Gathered at once; what is above is in the log alone (attack: filling the memory from many networks). */
const mostGathered = 500;

type Gathered = { -readonly [Name in keyof StoredRefusal]: StoredRefusal[Name] };

export function createRefusals({ db, clock, log }: RefusalsDeps) {
  let gathered = new Map<number, Map<string, Gathered>>();
  let count = 0;
  const counts: Partial<Record<RefusalReason, number>> = {};
  let timer: ReturnType<typeof setTimeout> | null = null;

  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const all = gathered;
    gathered = new Map();
    count = 0;
    if (all.size === 0) return;
    await db
      .transaction(async (transaction) => {
        // In one order, in which no two processes wait for each other's rows.
        for (const [userId, own] of [...all].sort(([one], [other]) => one - other)) {
          const inOrder = [...own].sort(([one], [other]) => (one < other ? -1 : 1));
          await storeRefusals(
            transaction,
            userId,
            inOrder.map(([, refusal]) => refusal),
          );
        }
      })
      .catch((error: unknown) => log.warn({ err: error }, "refused log-ins were not noted"));
  }

  return {
    /** `network`: the asker's, whole. */
    note(userId: number, reason: RefusalReason, network: string): void {
      counts[reason] = (counts[reason] ?? 0) + 1;
      const masked = maskNetwork(network);
      const own = gathered.get(userId) ?? new Map<string, Gathered>();
      const known = own.get(`${reason} ${masked}`);
      if (known !== undefined) {
        known.times++;
        known.refused_at = clock.now();
        return;
      }
      if (count >= mostGathered) return;
      count++;
      own.set(`${reason} ${masked}`, { reason, network: masked, refused_at: clock.now(), times: 1 });
      gathered.set(userId, own);
      timer ??= setTimeout(() => void flush(), gatherMillis).unref();
    },

    /** Of an account, the newest first, ten at most; without those of the last seconds. */
    list: (userId: number): Promise<StoredRefusal[]> => findRefusals(db, userId),

    /** Of all accounts, the newest first; without those of the last seconds. `before` in epoch milliseconds, null for the newest. */
    latest: (limit: number, before: number | null) => latestRefusals(db, limit, before),

    /** Of all accounts, for too many tries, the newest first; `since` in epoch milliseconds. */
    throttledSince: (since: number, limit: number) => throttledRefusals(db, since, limit),

    /** Removes up to `limit` of more than thirty days ago; returns how many. */
    purge: (limit: number): Promise<number> => purgeRefusals(db, clock.now() - keptMillis, limit),

    /** How many since the start, by reason. */
    stats: (): Readonly<Partial<Record<RefusalReason, number>>> => ({ ...counts }),

    /** Writes what is gathered. */
    close: flush,
  };
}
