import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";

/** The tables of the audit log's chain (audit-chain.ts). */
export interface AuditLink {
  readonly entry_id: number;
  readonly entry_hash: string;
  /** Null where the person was gone when the link was made, or where nothing of a person is in that part. */
  readonly actor_mac: string | null;
  readonly target_mac: string | null;
  readonly hash: string;
  /** Under SECRET_KEY: of the last link of each pass, and of one whose entry 0.7.0 purged. */
  readonly signature: string | null;
  /** Epoch milliseconds; null while the entry is kept, and of one that went without a signature. */
  readonly purged_at: number | null;
  /** Under SECRET_KEY, of a purge; `notSigned` where the entry was not as it was linked when it went; else null. */
  readonly purge_signature: string | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    audit_links: { -readonly [Name in keyof AuditLink]: AuditLink[Name] };
    audit_keys: { subject: string; mac_key: string };
  }
}

/** What the first link is made over. */
export const chainStart = "meiduo-audit-chain-1";

/** Keys that sign links; the first signs, all verify. */
export const chainKeys = (secretKeys: SecretKeys) => deriveKeys(secretKeys, "audit chain");

/** In the place of a purge's signature. */
export const notSigned = "unsigned";

type Signed = Pick<AuditLink, "entry_id" | "hash" | "purged_at">;

/** What a link's signature is over. */
export function signatureOf(key: Buffer, link: Signed): string {
  const purged = link.purged_at === null ? "" : String(link.purged_at);
  return hmac(key, String(link.entry_id), link.hash, purged).toString("base64url");
}

/** Of a purge: never good as that of a pass. */
export const purgeSignatureOf = (key: Buffer, link: Signed): string =>
  hmac(key, "purge", String(link.entry_id), link.hash, String(link.purged_at)).toString("base64url");

export const isSigned = (keys: readonly Buffer[], link: AuditLink): boolean =>
  keys.some((key) => signatureOf(key, link) === link.signature);

/** Whether a purge signed for it: in the other column where that was 0.7.0. */
export function isPurgeSigned(keys: readonly Buffer[], link: AuditLink): boolean {
  if (link.purged_at === null) return false;
  if (link.purge_signature === null) return isSigned(keys, link);
  return keys.some((key) => purgeSignatureOf(key, link) === link.purge_signature);
}
