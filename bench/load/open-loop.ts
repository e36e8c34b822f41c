/**
 * An open loop: request i is due at a time that was fixed before the first was sent. A server that stalls meets the
 * requests of that time all the same, and each waits from the time it was due. A closed loop would send fewer then,
 * and show the stall as one slow answer (coordinated omission).
 */
export interface OpenLoopRun {
  /** When each is due, in milliseconds from the beginning. */
  readonly schedule: readonly number[];
  /** Sends the next request; resolves when it is answered, with whether that was a 2xx. */
  readonly send: () => Promise<boolean>;
  /** Milliseconds, never going back. */
  readonly now: () => number;
  /** Resolves at that time or a little later. */
  readonly sleepUntil: (millis: number) => Promise<void>;
}

/** Evenly spaced, the first at once. */
export function scheduleOf(perSecond: number, seconds: number): number[] {
  return Array.from({ length: Math.floor(perSecond * seconds) }, (_, i) => (i * 1000) / perSecond);
}

/** Milliseconds from when each was due to its answer, in the schedule's order. Rejects where a connection fails. */
export async function runOpenLoop({
  schedule,
  send,
  now,
  sleepUntil,
}: OpenLoopRun): Promise<{ millis: number[]; errors: number }> {
  const begin = now();
  let errors = 0;
  const timed = async (due: number) => {
    if (!(await send())) errors++;
    return now() - due;
  };
  const answers: Promise<number>[] = [];
  for (const offset of schedule) {
    const due = begin + offset;
    if (now() < due) await sleepUntil(due);
    const answer = timed(due);
    // Judged below: a failure that comes before must not end the process.
    answer.catch(() => {});
    answers.push(answer);
  }
  return { millis: await Promise.all(answers), errors };
}
