import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";

/** The tables of the audit log's chain (audit-chain.ts). */
export interface AuditLink {
  readonly entry_id: number;
  readonly entry_hash: string;
  /** Null where the person was gone when the link was made, or where nothing of a person is in that part. */
  readonly actor_mac: string | null;
  readonly target_mac: string | null;
  readonly hash: string;
  /** Under SECRET_KEY: of the last link of each pass, and of one whose entry was purged. */
  readonly signature: string | null;
  /** Epoch milliseconds; null while the entry is kept. */
  readonly purged_at: number | null;
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

/** What a link's signature is over. */
export function signatureOf(key: Buffer, link: Pick<AuditLink, "entry_id" | "hash" | "purged_at">): string {
  const purged = link.purged_at === null ? "" : String(link.purged_at);
  return hmac(key, String(link.entry_id), link.hash, purged).toString("base64url");
}
