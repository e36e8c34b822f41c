import { createBacklog } from "./backlog.ts";

/**
 * Knows when this process is asked for more than it can answer. Promise: neither a long turn of the event loop nor many
 * requests at once make it refuse anybody; only both, and the long turns for most of a second: a machine that was paused, a
 * collection of garbage and a burst pass by. Or many requests that wait for something slower than the process (backlog.ts):
 * then no turn is long. Without it requests are taken on for as long as there is memory, and all of them wait (measured: 12,000
 * code requests a second, each answered after up to half a minute). See docs/adr/0017.
 *
 * What is held: requests without an answer, or those that this turn began, whichever are more. A read on SQLite is
 * answered at once, so that none is ever without an answer, and a turn may still have thousands.
 */
export interface LoadMeter {
  /** A request was read. */
  begin(): void;
  /** It was answered, or nobody is there any more. */
  end(): void;
  /** A dear one was taken on: as `begin`, and counted by itself, since many cheap ones are answered meanwhile. */
  beginDear(): void;
  endDear(): void;
  /** Whether there are so many that `refuses` needs to be asked. */
  mayRefuse(): boolean;
  /** Whether it is to be refused; `isDear` where its answer costs many times what a read costs. Counts what it refuses. */
  refuses(isDear: boolean): boolean;
  /** `refused` counts since the start. */
  stats(): { readonly held: number; readonly refused: number };
}

export interface LoadMeterOptions {
  /** Requests held, above which further ones are refused; dear ones from half of them on. */
  readonly most: number;
  readonly log: { warn(details: object, text: string): void };
  readonly now?: () => number;
  /** Called with the first request that a turn of the event loop reads, before anything is done about it. */
  readonly turnBegan?: (() => void) | undefined;
  /** Milliseconds that the event loop had nothing to do, since the start. */
  readonly idle?: () => number;
  /** Calls back when the turn of the event loop ends. */
  readonly atTurnsEnd?: (callback: () => void) => unknown;
}

/** A turn of so many milliseconds is long: a request has waited for it before anybody read it. */
const longTurn = 20;
/**
 * Between long turns that follow each other the event loop has nothing to do for no more than this, for so long. What it does
 * in between counts for no gap: the commit of a thousand requests, and their answers, may take as long as reading them.
 */
const gap = 250;
const sustained = 750;
/** Once it refuses, it goes on until so many milliseconds after the last refusal: else it took everything on again. */
const keptOn = 1000;
/** While it refuses, a turn takes on no more dear ones after so many milliseconds: who is refused waits for the turn, too. */
const turnMeanwhile = 10;
/**
 * Refusals for that reason keep it refusing where there are so many in a second, and one to ten that are taken on. A site that has
 * a long turn now and then and is not asked for too much any more would refuse somebody in each of them for ever.
 */
const [manyInSecond, takenToEach] = [20, 10];

export function createLoadMeter(options: LoadMeterOptions): LoadMeter {
  const { most, log, turnBegan, now = () => performance.now(), atTurnsEnd = setImmediate } = options;
  const { idle = () => performance.nodeTiming.idleTime } = options;
  const mostDear = Math.ceil(most / 2);
  const mostDearInLongTurn = Math.ceil(most / 20);
  const unanswered = createBacklog(most, now);
  const dear = createBacklog(mostDear, now);
  let begun = 0;
  let refused = 0;
  let turnBeganAt = 0;
  /** The end of the first of the long turns that follow each other, and how long the event loop was idle until the last one's. */
  let longSince = 0;
  let idleAtLastLong = Number.NEGATIVE_INFINITY;
  let refusesUntil = Number.NEGATIVE_INFINITY;
  /** Dear ones of the present second. */
  let second = { since: Number.NEGATIVE_INFINITY, taken: 0, refusedInLongTurns: 0 };

  function endTurn(): void {
    begun = 0;
    const at = now();
    if (at - turnBeganAt < longTurn) return;
    // From its end on: how long a pause was says nothing about the load.
    const idleNow = idle();
    if (idleNow - idleAtLastLong > gap) longSince = at;
    idleAtLastLong = idleNow;
  }

  const held = () => Math.max(unanswered.held, begun);

  /** Whether the turns tell it. */
  function isLate(at: number): boolean {
    const follows = idle() - idleAtLastLong <= gap;
    return follows && at - turnBeganAt >= longTurn && at - longSince >= sustained;
  }

  /** Counts a refusal that is for the turn's length alone, and tells whether it is reason to go on. */
  function keepsOn(at: number): boolean {
    if (at - second.since >= 1000) second = { since: at, taken: 0, refusedInLongTurns: 0 };
    const count = ++second.refusedInLongTurns;
    return count >= manyInSecond && count * takenToEach >= second.taken;
  }

  function watchEnd(before: number): void {
    const timer = setTimeout(() => {
      if (now() < refusesUntil) return watchEnd(before);
      log.warn({ refused: refused - before }, "the overload is over");
    }, keptOn);
    timer.unref();
  }

  return {
    begin() {
      unanswered.begin();
      if (begun++ > 0) return;
      turnBeganAt = now();
      turnBegan?.();
      atTurnsEnd(endTurn);
    },
    end: unanswered.end,
    beginDear() {
      second.taken++;
      dear.begin();
    },
    endDear: dear.end,
    mayRefuse: () => held() > mostDearInLongTurn,
    refuses(isDear) {
      if (held() <= mostDearInLongTurn) return false;
      const at = now();
      const refusesAlready = at < refusesUntil;
      const isLongTurn = refusesAlready && at - turnBeganAt >= turnMeanwhile;
      const dearBound = isLongTurn ? mostDearInLongTurn : mostDear;
      if (held() <= (isDear ? dearBound : most)) return false;
      if (!refusesAlready) {
        if (!isLate(at) && !(isDear ? dear : unanswered).isLong()) return false;
        log.warn({ held: held(), most }, "overload: requests are refused with 503 until it is over");
        watchEnd(refused);
      }
      const isBeyond = held() > (isDear ? mostDear : most);
      if (isBeyond || keepsOn(at)) refusesUntil = at + keptOn;
      refused++;
      return true;
    },
    stats: () => ({ held: held(), refused }),
  };
}
