import type { ChosenEngines } from "./test-engines.ts";

/**
 * The pair the whole application runs on in this project of vitest.config.ts. What loads this file runs on both
 * pairs (pair-tests.ts), so no test reads the variable in another way.
 */
export function chosenPair(): ChosenEngines {
  const chosen = process.env.TEST_ENGINES;
  return chosen === "postgres+redis" || chosen === "postgres" ? chosen : "sqlite";
}
