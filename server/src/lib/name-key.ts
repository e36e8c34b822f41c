/**
 * The folded form under which user names, e-mail addresses and mobile numbers are unique and looked up:
 * compatibility-composed (NFKC, so that full-width letters are the plain ones) and without regard to case.
 * Upper-casing first folds what lower-casing alone keeps apart (ß and SS).
 */
export function nameKey(value: string): string {
  if (isAscii(value)) return value.toLowerCase();
  return value.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** Of plain ASCII NFKC is the text itself; asking Unicode's tables all the same took 2 us of a user-name count. */
export function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 127) return false;
  return true;
}
