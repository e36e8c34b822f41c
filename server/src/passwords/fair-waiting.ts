/**
 * Who waits for a hash, and who comes next. Promise: one client holds up another by one place, however many of its own
 * it has sent (attack: one valid account, or one sender of guesses, that stops everybody's log-ins; guards:
 * fair-waiting.test.ts, log-in-fairness.test.ts).
 *
 * Clients take turns, and within a client its accounts do (fair queueing, RFC 970; strangers to all accounts are one
 * lane). Where all places are taken a newcomer gets one of whoever has most of them, the last that came there.
 */
export interface Holder {
  /** Stands for the client's network (lib/client-address.ts), or for what works on its own: `command line`. */
  readonly client: string;
  /** The account where the request proved to be one of its own: by a known device, a token or a code. Else null. */
  readonly account: string | null;
}

interface Lane<Entry> {
  readonly accounts: Map<string | null, Entry[]>;
  size: number;
}

export interface FairWaiting<Entry> {
  readonly size: number;
  /** Adds the entry. Returns whom that leaves without a place: nobody (null), another, or the entry itself. */
  add(entry: Entry, holder: Holder): Entry | null;
  /** Removes and returns whose turn it is; null when nobody waits. */
  next(): Entry | null;
}

export function createFairWaiting<Entry>(limit: number): FairWaiting<Entry> {
  const lanes = new Map<string, Lane<Entry>>();
  const ofAccount = new Map<string, number>();
  /** An account from many networks at once has many lanes, and still no more than this share of the places. */
  const accountShare = Math.max(1, Math.floor(limit / 4));
  let size = 0;

  function note(client: string, lane: Lane<Entry>, account: string | null, change: 1 | -1): void {
    size += change;
    lane.size += change;
    if (lane.size === 0) lanes.delete(client);
    if (account === null) return;
    const count = (ofAccount.get(account) ?? 0) + change;
    if (count === 0) ofAccount.delete(account);
    else ofAccount.set(account, count);
  }

  /** Takes the last of the longest queue of a lane. */
  function dropLast(client: string, lane: Lane<Entry>): Entry {
    const [account, entries] = longest(lane.accounts, (one) => one.length);
    const dropped = entries.pop() as Entry;
    if (entries.length === 0) lane.accounts.delete(account);
    note(client, lane, account, -1);
    return dropped;
  }

  /** The lane that gives up a place for this holder, or null where none has so many more that it would be fair. */
  function laneToShorten({ client, account }: Holder): [string, Lane<Entry>] | null {
    const own = lanes.get(client);
    const [name, most] = longest(lanes, (lane) => lane.size);
    if (most.size > (own?.size ?? 0) + 1) return [name, most];
    if (own === undefined) return null;
    const [, queue] = longest(own.accounts, (entries) => entries.length);
    return queue.length > (own.accounts.get(account)?.length ?? 0) + 1 ? [client, own] : null;
  }

  return {
    get size() {
      return size;
    },
    add(entry, holder) {
      const { client, account } = holder;
      if (account !== null && (ofAccount.get(account) ?? 0) >= accountShare) return entry;
      let dropped: Entry | null = null;
      if (size >= limit) {
        const shortened = laneToShorten(holder);
        if (shortened === null) return entry;
        dropped = dropLast(...shortened);
      }
      const lane = lanes.get(client) ?? { accounts: new Map<string | null, Entry[]>(), size: 0 };
      lanes.set(client, lane);
      const entries = lane.accounts.get(account);
      if (entries) entries.push(entry);
      else lane.accounts.set(account, [entry]);
      note(client, lane, account, 1);
      return dropped;
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
  };
}

/** Of several with equally many the one whose turn comes last: it has waited least. */
function longest<Key, Value>(map: ReadonlyMap<Key, Value>, sizeOf: (value: Value) => number): [Key, Value] {
  let found: [Key, Value] | undefined;
  for (const pair of map) if (found === undefined || sizeOf(pair[1]) >= sizeOf(found[1])) found = pair;
  return found as [Key, Value];
}
