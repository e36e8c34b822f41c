import { Secret, TOTP } from "otpauth";
import { randomBytesOf } from "../kernel/ids.ts";

/**
 * Codes of authenticator apps (TOTP, RFC 6238): six digits of SHA-1 for every 30 seconds, the only parameters that every app
 * honours. Secrets of 160 bits (RFC 4226 section 4, R6).
 */
const stepSeconds = 30;
const secretBytes = 20;
const parameters = { algorithm: "SHA1", digits: 6, period: stepSeconds } as const;

export const newTotpSecret = (): Buffer => randomBytesOf(secretBytes);

/** What a person types where the app can't read the picture. */
export const base32Of = (secret: Buffer): string => new Secret({ buffer: toArrayBuffer(secret) }).base32;

/** What the QR code says (Key URI Format): `issuer` is the site, `label` whose account it is. */
export function keyUri(
  secret: Buffer,
  { issuer, label }: { readonly issuer: string; readonly label: string },
): string {
  return new TOTP({
    ...parameters,
    issuer,
    label,
    secret: new Secret({ buffer: toArrayBuffer(secret) }),
  }).toString();
}

/**
 * The time step of this code, which counts from a step before `now` to a step after, for clocks that are a little off; null
 * for a wrong one. `now` in epoch milliseconds. Steps count half minutes since 1970.
 */
export function stepOf(secret: Buffer, code: string, now: number): number | null {
  const totp = new TOTP({ ...parameters, secret: new Secret({ buffer: toArrayBuffer(secret) }) });
  const delta = totp.validate({ token: code, window: 1, timestamp: now });
  return delta === null ? null : Math.floor(now / 1000 / stepSeconds) + delta;
}

/** Without what else lies in the pool that small buffers are cut from. */
function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
