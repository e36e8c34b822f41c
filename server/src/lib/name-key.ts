/**
 * The folded form under which user names, e-mail addresses and mobile numbers are unique and looked up:
 * compatibility-composed (NFKC, so that full-width letters are the plain ones) and without regard to case.
 * Upper-casing first folds what lower-casing alone keeps apart (ß and SS).
 */
export function nameKey(value: string): string {
  return value.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}
