/**
 * An entry without anything of the person it names: what is left of it after an erasure, and what the chain of entries is made
 * over, so that the chain holds after one.
 */
export const pseudonymOf = (id: number): string => `user#${id}`;

/** Values that say nothing of a person. */
const plain =
  /^(is_\w+|groups|permissions|\w+_at|credentials_version|session|mail|bytes|kept_id|joined_id|by|cancelled_by|document|purpose|version)$/;
export const erasedValue = "(erased)";

/** In the place of what staff typed that may be of somebody whose erasure would not find it. */
export const givenValue = "(given)";

/** Whose end is over and who was erased: nobody's name and no id. */
export const erasedActor = "(erased)";

/** The fields, as JSON, with what could be the person's replaced. Of its own result it changes nothing. */
export function withoutValues(json: string): string {
  const kept = Object.entries(JSON.parse(json) as object).map(([name, value]) => [
    name,
    plain.test(name) || value === null ? value : erasedValue,
  ]);
  return JSON.stringify(Object.fromEntries(kept));
}
