import { erasedValue, givenValue } from "./without-values.ts";

/**
 * What staff typed and what may be of somebody without an account is never written into entries that are about no account: the log
 * outlives people, and no erasure would find it there (guards: typed-searches.test.ts, invited-addresses.test.ts).
 */
type Values = Readonly<Record<string, unknown>>;
type About = { readonly action: string; readonly target_kind: string; readonly target: string };

/** Which fields of an entry hold such a thing: those of entries that are about no account. */
function typedFields({ action, target_kind: kind, target }: About): readonly string[] {
  if (kind === "invitation") return ["email"];
  if (kind !== "system") return [];
  // Where a mail or an SMS was sent to be tried.
  if (action.endsWith("-test")) return ["to"];
  return action.startsWith("denial.") && target === "email"
    ? ["search", "reason", "value"]
    : ["search", "reason"];
}

/** The values of an entry as they may be written. Of its own result it changes nothing. */
export function withoutTyped(about: About, values: Values): Values {
  const typed = typedFields(about);
  const isTyped = (name: string, value: unknown) =>
    typed.includes(name) && typeof value === "string" && value !== erasedValue;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isTyped(name, value) ? givenValue : value]),
  );
}
