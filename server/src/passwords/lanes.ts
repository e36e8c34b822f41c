import type { Holder } from "./fair-waiting.ts";

/** Entries that wait: clients take turns, and within a client its accounts do (fair queueing, RFC 970). */
export interface Lanes<Entry> {
  readonly size: number;
  add(entry: Entry, holder: Holder): void;
  /** Removes and returns whose turn it is; null when nobody waits. */
  next(): Entry | null;
  /** Entries of the account, of whatever clients. */
  heldBy(account: string): number;
  /** Removes and returns the last that came of whoever has most; null when nobody waits. */
  dropLast(): Entry | null;
  /** The same for one more of this holder; null where nobody has so many more that it would be fair. */
  dropFor(holder: Holder): Entry | null;
}

interface Lane<Entry> {
  readonly accounts: Map<string | null, Entry[]>;
  size: number;
}

export function createLanes<Entry>(): Lanes<Entry> {
  const lanes = new Map<string, Lane<Entry>>();
  const ofAccount = new Map<string | null, number>();
  let size = 0;

  function note(client: string, lane: Lane<Entry>, account: string | null, change: 1 | -1): void {
    size += change;
    lane.size += change;
    if (lane.size === 0) lanes.delete(client);
    const count = (ofAccount.get(account) ?? 0) + change;
    if (count === 0) ofAccount.delete(account);
    else ofAccount.set(account, count);
  }

  /** Takes the last of the longest queue of a lane. */
  function dropOf(client: string, lane: Lane<Entry>): Entry {
    const [account, entries] = longest(lane.accounts, (one) => one.length);
    const dropped = entries.pop() as Entry;
    if (entries.length === 0) lane.accounts.delete(account);
    note(client, lane, account, -1);
    return dropped;
  }

  return {
    get size() {
      return size;
    },
    heldBy: (account) => ofAccount.get(account) ?? 0,
    add(entry, { client, account }) {
      const lane = lanes.get(client) ?? { accounts: new Map<string | null, Entry[]>(), size: 0 };
      lanes.set(client, lane);
      const entries = lane.accounts.get(account);
      if (entries) entries.push(entry);
      else lane.accounts.set(account, [entry]);
      note(client, lane, account, 1);
    },
    next() {
      for (const [client, lane] of lanes) {
        for (const [account, entries] of lane.accounts) {
          const entry = entries.shift() as Entry;
          // Both go to the end of their turns.
          lane.accounts.delete(account);
          if (entries.length > 0) lane.accounts.set(account, entries);
          lanes.delete(client);
          lanes.set(client, lane);
          note(client, lane, account, -1);
          return entry;
        }
      }
      return null;
    },
    dropLast: () => (size === 0 ? null : dropOf(...longest(lanes, (lane) => lane.size))),
    dropFor({ client, account }) {
      if (size === 0) return null;
      const own = lanes.get(client);
      const [name, most] = longest(lanes, (lane) => lane.size);
      if (most.size > (own?.size ?? 0) + 1) return dropOf(name, most);
      if (own === undefined) return null;
      const [, queue] = longest(own.accounts, (entries) => entries.length);
      return queue.length > (own.accounts.get(account)?.length ?? 0) + 1 ? dropOf(client, own) : null;
    },
  };
}

/** Of several with equally many the one whose turn comes last: it has waited least. */
function longest<Key, Value>(map: ReadonlyMap<Key, Value>, sizeOf: (value: Value) => number): [Key, Value] {
  let found: [Key, Value] | undefined;
  for (const pair of map) if (found === undefined || sizeOf(pair[1]) >= sizeOf(found[1])) found = pair;
  return found as [Key, Value];
}
