/**
 * Shortens addresses and numbers of people before they reach a log, an error text or an operator's screen.
 * What is left is enough to recognise one's own address and too little to write to it.
 */

/** `zhangsan@163.com` becomes `z***@163.com`; anything else that isn't an address becomes `***`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  if (at < 1) return "***";
  const first = String.fromCodePoint(address.codePointAt(0) ?? 42);
  return `${first}***${address.slice(at)}`;
}

/** `13800138000` becomes `138****8000`. */
export function maskMobile(mobile: string): string {
  return mobile.length < 8 ? "***" : `${mobile.slice(0, 3)}****${mobile.slice(-4)}`;
}

// Bounded repetition: the text comes from a foreign server, and an unbounded one takes quadratic time.
const addressInText = /[^\s<>()[\],;:"'@]{1,254}@[^\s<>()[\],;:"'@]{1,254}/g;

/** Masks everything in a text that looks like an e-mail address. */
export function maskAddresses(text: string): string {
  return text.replace(addressInText, maskAddress);
}

/** A copy of plain data in which every string is masked by `maskAddresses`, at any depth. */
export function maskDeep(value: unknown): unknown {
  if (typeof value === "string") return maskAddresses(value);
  if (Array.isArray(value)) return value.map(maskDeep);
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskDeep(inner)]));
  return value;
}
