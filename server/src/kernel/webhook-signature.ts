import { createHmac } from "node:crypto";
import { constantTimeEqual } from "./constant-time.ts";

/**
 * Signatures of what is sent to a hook or a mail program of the site, and of what mail services report, by the Standard
 * Webhooks specification: HMAC-SHA-256 over `id.timestamp.body`, in `webhook-signature`. The receiver checks it, and that
 * the timestamp is no older than five minutes, so that a request that was read elsewhere can't be sent again later.
 */
export function signedHeaders(
  secret: Buffer,
  { id, seconds, body }: { readonly id: string; readonly seconds: number; readonly body: string },
): Readonly<Record<string, string>> {
  const signature = createHmac("sha256", secret).update(`${id}.${seconds}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": `v1,${signature}`,
  };
}

/** What a request brings; absent headers are empty. */
export interface SignedRequest {
  readonly id: string;
  /** Seconds, as they were written. */
  readonly timestamp: string;
  /** One or more, apart by blanks: `v1,…`. */
  readonly signatures: string;
  readonly body: string;
}

/** How old a request may be, or how far ahead of this clock, in seconds. */
const oldest = 300;

/**
 * Whether a request that somebody sent is signed with the secret, and was made within five minutes of `now` (epoch
 * seconds). Guard: webhook-signature.test.ts, with the specification's example and its own library as the other side.
 */
export function isSigned(
  secret: Buffer,
  { id, timestamp, signatures, body }: SignedRequest,
  now: number,
): boolean {
  if (id === "" || !/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > oldest) return false;
  const right = signedHeaders(secret, { id, seconds: Number(timestamp), body })["webhook-signature"] ?? "";
  // While its secret is being replaced a service signs with both.
  return signatures.split(" ", 10).some((one) => constantTimeEqual(one, right));
}

/** `whsec_` and 24 to 64 bytes in base64; null for anything else. */
export function readWebhookSecret(raw: string): Buffer | null {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(raw)?.[1];
  if (encoded === undefined) return null;
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length >= 24 && bytes.length <= 64 ? bytes : null;
}
