/**
 * Shortens addresses and numbers of people before they reach a log, an error text or an operator's screen.
 * What is left is enough to recognise your own address and too little to write to it.
 */

// Bounded repetition: a text may quote a foreign server, and an unbounded one takes quadratic time.
const address = /([^\s<>()[\],;:"'@])[^\s<>()[\],;:"'@]{0,253}@/gu;
// With the country's code too, as vendors repeat it.
const mobile = /(?<!\d)((?:86)?1\d{2})\d{4}(\d{4})(?!\d)/g;
// Of other countries, in E.164.
const foreign = /\+([1-9]\d{2})\d{2,9}(\d{3})(?!\d)/g;

/** `call 13800138000 or <zhangsan@163.com>` becomes `call 138****8000 or <z***@163.com>`. */
export function maskText(text: string): string {
  return text.replace(address, "$1***@").replace(mobile, "$1****$2").replace(foreign, "+$1****$2");
}

/** A copy of plain data in which every text is masked, at any depth. */
export function mask(value: unknown): unknown {
  if (typeof value === "string") return maskText(value);
  if (Array.isArray(value)) return value.map(mask);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mask(field)]));
  }
  return value;
}

/** An error as one masked line of at most 500 characters. */
export function errorLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return maskText(text.replaceAll(/\s+/g, " ")).slice(0, 500);
}
