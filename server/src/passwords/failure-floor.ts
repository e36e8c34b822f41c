/**
 * How long a failed password check has to take at least, so that its duration does not tell which hash the
 * account has, or whether there is an account. An imported pbkdf2 hash takes 20-45 ms where an unknown name
 * takes one argon2, 15 ms: measured over the network that lists the imported accounts.
 *
 * Every kind of hash (algorithm and parameters) has a smoothed duration and deviation as TCP keeps for its
 * retransmission timer (RFC 6298); the floor is the dearest kind's. Waiting costs no processor time and
 * holds no slot. With a single kind there is nothing to hide and no floor.
 */
export interface FailureFloor {
  /** Takes note of one failed check's duration. */
  note(kind: string, milliseconds: number): void;
  /** Milliseconds; 0 where only one kind is known. */
  floor(): number;
}

/** A hostile hash must not make everybody's failure slow. */
const maxFloorMs = 2_000;
const maxKinds = 32;

export function createFailureFloor(): FailureFloor {
  const kinds = new Map<string, { average: number; deviation: number }>();
  return {
    note(kind, milliseconds) {
      const known = kinds.get(kind);
      if (known) {
        known.deviation += (Math.abs(milliseconds - known.average) - known.deviation) / 4;
        known.average += (milliseconds - known.average) / 8;
      } else if (kinds.size < maxKinds) {
        kinds.set(kind, { average: milliseconds, deviation: milliseconds / 8 });
      }
    },
    floor() {
      if (kinds.size < 2) return 0;
      let highest = 0;
      for (const { average, deviation } of kinds.values())
        highest = Math.max(highest, average + 4 * deviation);
      return Math.min(highest, maxFloorMs);
    },
  };
}
