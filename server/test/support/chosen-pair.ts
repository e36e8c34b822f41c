import type { EnginePair } from "./test-engines.ts";

/**
 * The pair the whole application runs on in this project of vitest.config.ts. What loads this file runs on both
 * pairs (pair-tests.ts), so no test reads the variable in another way.
 */
export function chosenPair(): EnginePair {
  return process.env.TEST_ENGINES === "postgres+redis" ? "postgres+redis" : "sqlite";
}
