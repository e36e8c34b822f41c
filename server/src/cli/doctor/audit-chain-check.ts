import { existsSync } from "node:fs";
import { sql } from "kysely";
import { openDatabase } from "../../app/engines.ts";
import { peekHead } from "../../audit/chain-head.ts";
import { notSigned } from "../../audit/chain-link.ts";
import type { Config } from "../../config/config.ts";
import type { Db } from "../../engines/database/database.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { notVouched } from "../../rights/erased-mac.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

/**
 * Whether the audit log's chain is gone on with: nothing is linked to an end that this system did not sign; and whether an entry was purged
 * that was not as it was linked, or will be for an erasure that nobody vouches for. Prints nothing without
 * AUDIT_CHAIN, nor where the database doesn't answer, which another check reports.
 */
export async function checkAuditChain(config: Config & { readonly secretKey: string }): Promise<Diagnosis[]> {
  if (!config.auditChain) return [];
  if (config.database.engine === "sqlite" && !existsSync(config.database.file)) return [];
  try {
    const db = openDatabase(config);
    try {
      const from = await peekHead(db, secretKeysOf(config));
      if (from === null) return [];
      if (!("trouble" in from)) {
        const unsigned = await firstUnsigned(db);
        if (unsigned !== null) return [notSignedFor(unsigned)];
        const lacking = await notVouched(db, secretKeysOf(config));
        if (lacking.length > 0) return [lackingVouchers(lacking.length)];
        return [
          ok(
            "audit-chain",
            "审计日志的链以本系统的签名结尾。",
            "The audit log's chain ends with a signature of this system.",
          ),
        ];
      }
      return [
        fail(
          "audit-chain",
          `审计日志的链在第 ${from.entryId} 条处不是本系统所签，不再连接新记录：请执行 manage verify-audit，见 docs/audit.zh.md。`,
          `The audit log's chain is not as this system signed it at entry ${from.entryId}, and nothing is linked on to it: run manage verify-audit, see docs/audit.md.`,
        ),
      ];
    } finally {
      await db.close();
    }
  } catch {
    return [];
  }
}

/** The oldest entry that was purged without a signature; null for none. */
async function firstUnsigned({ kysely }: Db): Promise<number | null> {
  const row = await kysely
    .selectFrom("audit_links")
    .select("entry_id")
    // Word for word as the index has it (migration 0088).
    .where(sql<boolean>`purge_signature = ${sql.lit(notSigned)}`)
    .orderBy("entry_id")
    .limit(1)
    .executeTakeFirst();
  return row?.entry_id ?? null;
}

const notSignedFor = (entryId: number): Diagnosis =>
  fail(
    "audit-chain",
    `审计日志第 ${entryId} 条清理时与链不符，或其账号的清除没有凭据，没有签名：请执行 manage verify-audit，见 docs/audit.zh.md。`,
    `Entry ${entryId} of the audit log was purged and not signed for: it was not as it was linked, or nothing vouches for the erasure. Run manage verify-audit, see docs/audit.md.`,
  );

const lackingVouchers = (count: number): Diagnosis =>
  warn(
    "audit-chain",
    `${count} 次清除没有凭据，到期清理有关记录时不会签名：请核对 manage verify-audit 列出的编号，再执行 manage verify-audit vouch，见 docs/audit.zh.md。`,
    `${count} erasures are vouched for by nobody, and what is purged for them will not be signed: look at the ids that manage verify-audit lists, then run manage verify-audit vouch, see docs/audit.md.`,
  );
