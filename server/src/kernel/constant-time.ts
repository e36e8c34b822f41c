import { timingSafeEqual } from "node:crypto";

/**
 * Compares two secrets without telling by its duration how much of them agrees.
 * The lengths may leak; callers compare digests or codes of fixed length.
 */
export function constantTimeEqual(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether the value is one of these; compares with all of them whatever comes out. */
export function constantTimeAny(value: string, allowed: readonly string[]): boolean {
  return allowed.reduce((found, one) => constantTimeEqual(value, one) || found, false);
}
