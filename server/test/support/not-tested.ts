import { describe, expect, test } from "vitest";

/**
 * What a machine lacks is reported and doesn't fail its tests; under CI it does, where a missing suite would go unseen.
 * A file without any test would be taken for a broken one.
 */
export function notTested(what: string): void {
  test(`not tested here: ${what}`, () => {
    process.stderr.write(`\nNOT TESTED, missing on this machine: ${what}\n\n`);
    // A run under a false clock leaves the engines out on purpose; the ordinary run beside it has them.
    if (process.env.TEST_CLOCK) return;
    expect(process.env.CI, "under CI everything has to be there").not.toBe("true");
  });
}

/** `describe`, where `isHere`; elsewhere nothing, not even a skipped test. */
export function describeWhere(isHere: boolean): (name: string, suite: () => void) => void {
  return isHere ? describe : () => {};
}

/** `test`, where `isHere`; elsewhere nothing. */
export function testWhere(
  isHere: boolean,
): (name: string, work: () => Promise<void>, limit?: number) => void {
  return isHere ? test : () => {};
}
