import type { PublicAlgorithm } from "./signing-key.ts";

/**
 * Which key signs when. Every key has a turn, and the time from which it signs is known before: the processes need no
 * word from each other when one turn follows another. A pure function of rows and time. Promises: of the turns whose time
 * has come the last one signs; a turn's tokens are good until the longest life of one is over after the next began.
 */
export type Algorithm = "HS256" | PublicAlgorithm;

/** A row of `signing_keys`; times in epoch milliseconds. */
export interface Turn {
  readonly turn: number;
  readonly algorithm: Algorithm;
  /** "HS256" for that; then there is nothing sealed, the key is SECRET_KEY. */
  readonly kid: string;
  readonly sealed: string | null;
  readonly made_at: number;
  readonly signs_from: number;
  /** The longest life of a token that it may have signed, in seconds. */
  readonly token_life: number;
  readonly dropped_at: number | null;
}

type TurnState = "next" | "current" | "previous" | "over" | "dropped";

/** Clocks of processes and verifiers that differ by so much make no difference. */
const skewMillis = 60_000;

/**
 * How long a key is published before it signs. Verifiers keep what they fetched for five minutes (our Cache-Control) to an
 * hour.
 */
export const leadMillis = 3_600_000;

/** Whether it ever signed or will: one that was dropped before its time is as if it had not been. */
const isEffective = ({ dropped_at, signs_from }: Turn) => dropped_at === null || dropped_at > signs_from;

/** The turn that signs at this time; null without any, or where it was dropped and nothing follows. */
export function signingTurn(turns: readonly Turn[], now: number): Turn | null {
  return turns.findLast(({ dropped_at, signs_from }) => dropped_at === null && signs_from <= now) ?? null;
}

/** When another turn took or takes its place; null where none does. */
export function startOfNext(turns: readonly Turn[], turn: Turn): number | null {
  const later = turns.filter((one) => one.turn > turn.turn && isEffective(one));
  return later.length === 0 ? null : Math.min(...later.map(({ signs_from }) => signs_from));
}

/** When tokens of this turn are over, whatever became of its key; null while nothing follows it. */
export function endOf(turns: readonly Turn[], turn: Turn): number | null {
  const ends = [startOfNext(turns, turn), turn.dropped_at].filter((at) => at !== null);
  return ends.length === 0 ? null : Math.min(...ends) + turn.token_life * 1000 + skewMillis;
}

export function stateOf(turns: readonly Turn[], turn: Turn, now: number): TurnState {
  if (turn.dropped_at !== null) return "dropped";
  if (turn === signingTurn(turns, now)) return "current";
  const end = endOf(turns, turn);
  if (end === null) return "next";
  return now < end ? "previous" : "over";
}

/** A turn to be added. */
export interface NewTurn {
  readonly algorithm: Algorithm;
  readonly signsFrom: number;
}

interface TurnRules {
  readonly algorithm: Algorithm;
  /** 0: only by command. */
  readonly rotateMillis: number;
}

/**
 * What is to be added now by itself; null where nothing is. `isUsable`: the key can be opened. A change of algorithm waits
 * until the last turn is an hour old, so that processes with two settings (a restart one after another) don't undo each
 * other's.
 */
export function dueTurn(
  turns: readonly Turn[],
  now: number,
  { algorithm, rotateMillis }: TurnRules,
  isUsable: (turn: Turn) => boolean,
): NewTurn | null {
  const signing = signingTurn(turns, now);
  if (turns.length === 0) return null;
  if (signing === null || !isUsable(signing)) return { algorithm, signsFrom: now };
  const last = turns.findLast((turn) => turn.dropped_at === null && isUsable(turn)) ?? signing;
  const signsFrom = algorithm === "HS256" ? now : now + leadMillis;
  if (last.algorithm !== algorithm) return now < last.made_at + leadMillis ? null : { algorithm, signsFrom };
  if (algorithm === "HS256" || rotateMillis === 0) return null;
  return now < last.signs_from + rotateMillis - leadMillis ? null : { algorithm, signsFrom };
}
