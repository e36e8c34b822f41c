/**
 * The first value of that name in a Cookie header that has the form; null where there is none. `form` bounds the value:
 * what a stranger planted under the name is skipped.
 */
export function readCookie(header: string | undefined, name: string, form: RegExp): string | null {
  for (const pair of (header ?? "").slice(0, 8192).split(";")) {
    const [given, value = ""] = pair.trim().split("=", 2);
    if (given === name && form.test(value)) return value;
  }
  return null;
}
