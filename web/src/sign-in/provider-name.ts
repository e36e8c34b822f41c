import { closestOf } from "../language.ts";
import { knownProvider } from "./known-provider.ts";

/** A provider's title in the reader's language; its name where it is no longer known. */
export function providerName(provider: string): string {
  const known = knownProvider(provider);
  return known === undefined ? provider : closestOf(known.title);
}
