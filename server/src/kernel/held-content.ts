import { hmac } from "./keys.ts";
import { seal, unsealByAny } from "./sealed.ts";

/**
 * What belongs to a random token and waits in a store that has the token's digest alone: encrypted under the token, so that only who
 * shows it reads it. Nothing there is a person's to whoever sees the store, also where the person was erased before the entry's end.
 */
const label = "held content";
const keyOf = (token: string) => hmac(Buffer.from(token), label);

/** `token`: random, of 128 bits and more; never stored itself. */
export const holdFor = (token: string, content: object): string =>
  JSON.stringify({ sealed: seal(keyOf(token), Buffer.from(JSON.stringify(content)), label) });

/** Null for what was not held for this token. Entries of programs from before it are in the clear. */
export function heldFor<Content extends object>(token: string, stored: string): Content | null {
  const found = JSON.parse(stored) as Content | { readonly sealed: string };
  if (!("sealed" in found)) return found;
  const opened = unsealByAny([keyOf(token)], found.sealed, label);
  return opened === null ? null : (JSON.parse(opened.toString()) as Content);
}
