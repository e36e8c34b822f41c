import { createLanes } from "./lanes.ts";

/**
 * Who waits for a hash, and who comes next. Promises: one client holds up another by one place, however many of its own
 * it has sent (attack: one valid account, or one sender of guesses, that stops everybody's log-ins); strangers, from
 * however many networks, hold up nobody who proved an account by more than every second turn (attack: guesses that
 * each come from another IPv6 /64). Guards: fair-waiting.test.ts, log-in-fairness.test.ts.
 *
 * Strangers to all accounts and those who proved one take turns; within each group the clients do, and within a client
 * its accounts. Where all places are taken, a newcomer gets the latest place of whoever has most of them.
 */
export interface Holder {
  /** Stands for the client's network (kernel/client-address.ts), or for what works on its own: `command line`. */
  readonly client: string;
  /** The account where the request proved to be one of its own: by a known device, a token or a code. Else null. */
  readonly account: string | null;
}

export interface FairWaiting<Entry> {
  readonly size: number;
  /** Adds the entry. Returns whom that leaves without a place: nobody (null), another, or the entry itself. */
  add(entry: Entry, holder: Holder): Entry | null;
  /** Removes and returns whose turn it is; null when nobody waits. */
  next(): Entry | null;
}

/** `places` is how many may wait, at the moment somebody comes. */
export function createFairWaiting<Entry>(places: () => number): FairWaiting<Entry> {
  const strangers = createLanes<Entry>();
  const proved = createLanes<Entry>();
  let strangerWasLast = false;
  const size = () => strangers.size + proved.size;

  return {
    get size() {
      return size();
    },
    add(entry, holder) {
      const { account } = holder;
      const limit = places();
      // An account from many networks at once has many lanes, and still no more than this share of the places.
      const accountShare = Math.max(1, Math.floor(limit / 4));
      if (account !== null && proved.heldBy(account) >= accountShare) return entry;
      const [own, others] = account === null ? [strangers, proved] : [proved, strangers];
      let dropped: Entry | null = null;
      if (size() >= limit) {
        dropped = others.size > own.size + 1 ? others.dropLast() : own.dropFor(holder);
        if (dropped === null) return entry;
      }
      own.add(entry, holder);
      return dropped;
    },
    next() {
      const isStrangersTurn = proved.size === 0 || (strangers.size > 0 && !strangerWasLast);
      strangerWasLast = isStrangersTurn;
      return (isStrangersTurn ? strangers : proved).next();
    },
  };
}
