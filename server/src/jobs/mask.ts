/**
 * What operators and logs may see of payloads and errors: addresses shortened to their first character and
 * domain, mobile numbers to three digits at each end.
 */
export function mask(value: unknown): unknown {
  if (typeof value === "string") return maskText(value);
  if (Array.isArray(value)) return value.map(mask);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mask(field)]));
  }
  return value;
}

// Bounded repetition: an error may quote a foreign server, and an unbounded one takes quadratic time.
const localPart = /([^\s<>"'@,;:])[^\s<>"'@,;:]{0,253}@/g;

export function maskText(text: string): string {
  return text.replace(localPart, "$1***@").replace(/(?<!\d)(1\d{2})\d{5}(\d{3})(?!\d)/g, "$1*****$2");
}

/** An error as one masked line of at most 500 characters. */
export function errorLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return maskText(text.replaceAll(/\s+/g, " ")).slice(0, 500);
}
