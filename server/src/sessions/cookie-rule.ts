/**
 * What becomes of a session whose cookie is shown: the rule alone, without clock, database or network. A cookie is not
 * replaced when its successor is handed out but when that is shown, because only then it is certain that the browser has
 * it. Promises (guard: cookie-rule.test.ts tries thousands of orders):
 *
 * - a browser that never got an answer goes on with what it has, however long it waits; nobody has to try again;
 * - all tabs share the browser's one cookie, and each request that is late with the former one is let in;
 * - a browser that lost its newest cookie in a crash (Chromium writes them down every half minute) goes on with the former
 *   one, unless the newest was used again a minute after its first use;
 * - any older one was copied, by its owner's thief or by a thief's victim: the session ends.
 */
export interface CookieLineage {
  /** The newest number that was shown. */
  readonly counter: number;
  /** When it was shown first; epoch milliseconds. */
  readonly since: number;
  /** Whether it was shown again at least a minute later: then the browser keeps it for good. */
  readonly isSettled: boolean;
}

/** Twice what a browser takes to write its cookies down. */
export const settledAfterMillis = 60_000;

export type CookieVerdict =
  /** `becomes`: what is to be written, if anything. `hands`: the number of the cookie for the answer, if any. */
  | { readonly kind: "use"; readonly becomes: CookieLineage | null; readonly hands: number | null }
  | { readonly kind: "replay" };

/** What to do with the cookie of that number, known to be one of ours. A cookie is renewed after `renewAfterMillis`. */
export function judgeCookie(
  lineage: CookieLineage,
  shown: number,
  now: number,
  renewAfterMillis: number,
): CookieVerdict {
  const { counter, since, isSettled } = lineage;
  // By more than one where a failover lost what was committed: we issued it, and its owner must not pay for that.
  if (shown > counter) {
    return { kind: "use", becomes: { counter: shown, since: now, isSettled: false }, hands: null };
  }
  if (shown === counter) {
    // The first one has none before it that could come back.
    const settles = counter > 0 && !isSettled && now - since >= settledAfterMillis;
    const hands = now - since >= renewAfterMillis ? counter + 1 : null;
    return { kind: "use", becomes: settles ? { ...lineage, isSettled: true } : null, hands };
  }
  if (shown === counter - 1 && !isSettled) return { kind: "use", becomes: null, hands: counter };
  return { kind: "replay" };
}

/** As the row has it, where refresh tokens keep the times of theirs; empty until the first one settles or is replaced. */
export function readCookieLineage(counter: number, text: string, createdAt: number): CookieLineage {
  const [since, settled] = text.split(",");
  return { counter, since: Number(since) || createdAt, isSettled: settled !== undefined };
}

export function writeCookieLineage({ since, isSettled }: CookieLineage): string {
  return isSettled ? `${since},1` : String(since);
}
