import { misfits } from "../../kernel/schema/check-payload.ts";
import type { JobDefinition } from "./jobs.ts";

/** The jobs a process knows, by name, with their payload checks. */
export interface JobDefinitions {
  readonly names: readonly string[];
  /** Throws for a name nobody declared: a mistake of ours, not of a user. */
  get(name: string): JobDefinition;
  /** Throws unless the payload fits the definition's schema. */
  check(name: string, payload: unknown): void;
}

export function jobDefinitions(definitions: readonly JobDefinition[]): JobDefinitions {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const get = (name: string) => {
    const definition = byName.get(name);
    if (!definition) throw new Error(`no job is named "${name}"`);
    return definition;
  };
  return {
    names: [...byName.keys()].sort(),
    get,
    check(name, payload) {
      const problems = misfits(get(name).payload, payload);
      if (problems.length === 0) return;
      throw new TypeError(`payload of job "${name}": ${problems.join(", ")}`);
    },
  };
}

/**
 * Milliseconds to wait after run number `attempt` failed: doubled each time, at most the definition's limit,
 * minus up to a quarter (`random` in [0, 1)) so that a thousand jobs that failed together don't return together.
 */
export function backoffMillis(
  definition: Pick<JobDefinition, "backoffSeconds" | "backoffLimitSeconds">,
  attempt: number,
  random: number,
): number {
  const doubled = definition.backoffSeconds * 2 ** Math.min(attempt - 1, 30);
  return Math.round(Math.min(doubled, definition.backoffLimitSeconds) * 1000 * (1 - random / 4));
}

/**
 * The runs of a job that is tried again until its deadline, `seconds` after it was enqueued: as many as there can be
 * with the shortest waits, so that the deadline ends it and never the count.
 */
export function attemptsWithin(
  seconds: number,
  backoff: Pick<JobDefinition, "backoffSeconds" | "backoffLimitSeconds">,
): number {
  let attempts = 1;
  for (let passed = 0; passed < seconds * 1000; attempts++) passed += backoffMillis(backoff, attempts, 1);
  return attempts;
}
