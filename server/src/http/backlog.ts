/**
 * Requests without an answer, and how fast they get one. Knows when those that wait would be waiting long, whatever they wait
 * for: a database that is slower than the process keeps the event loop idle (load-meter.ts). A burst that is soon answered is
 * no backlog (guard: load-meter.test.ts).
 */
export interface Backlog {
  readonly held: number;
  begin(): void;
  end(): void;
  /** Whether more than `most` have been held for a while, and somebody new would wait longer than is bearable. */
  isLong(): boolean;
}

/** So many milliseconds of more than `most` are no burst. */
const fullFor = 100;
/** Milliseconds that somebody new would wait, by how many were answered lately. */
const bearable = 500;
const countedOver = 500;

export function createBacklog(most: number, now: () => number): Backlog {
  let held = 0;
  let fullSince: number | null = null;
  let [answered, answeredBefore, countedSince] = [0, 0, now()];

  /** Answers a millisecond: of the last whole span, and of the one that has begun. */
  function pace(at: number): number {
    const since = at - countedSince;
    return (answered + answeredBefore) / (since + (answeredBefore === 0 ? 0 : countedOver));
  }

  function turnSpan(at: number): void {
    const spans = Math.floor((at - countedSince) / countedOver);
    if (spans === 0) return;
    answeredBefore = spans === 1 ? answered : 0;
    answered = 0;
    countedSince += spans * countedOver;
  }

  return {
    get held() {
      return held;
    },
    begin() {
      held++;
      if (held > most && fullSince === null) fullSince = now();
    },
    end() {
      held--;
      if (held <= most) fullSince = null;
      answered++;
    },
    isLong() {
      const at = now();
      turnSpan(at);
      return fullSince !== null && at - fullSince >= fullFor && held > pace(at) * bearable;
    },
  };
}
