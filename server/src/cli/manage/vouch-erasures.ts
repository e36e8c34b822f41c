import { secretKeysOf } from "../../kernel/keys.ts";
import { notVouched, vouchFor } from "../../rights/erased-mac.ts";
import { show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";

/**
 * `verify-audit vouch`: an operator says that the rows of `deleted_accounts` without a good MAC are erasures. The program never does so by
 * itself (rights/erased-mac.ts). That it was done, by whom and for how many, is in the audit log, and whose ids they were in the answer.
 */
export async function vouchBy({ config, db, audit, actor, terminal }: ManageContext, json: boolean) {
  const secretKeys = secretKeysOf(config);
  const ids = await db.transaction(
    async (transaction) => {
      const found = await notVouched(transaction, secretKeys);
      if (found.length === 0) return found;
      const rows = await vouchFor(transaction, secretKeys, found);
      await audit.record(transaction, actor, {
        ...{ action: "system.erasures-vouched", targetKind: "system", targetId: 0 },
        ...{ target: "deleted_accounts", before: {}, after: { rows } },
      });
      return found;
    },
    { untimed: true },
  );
  const text = {
    zh: ids.length === 0 ? "没有缺凭据的清除。" : `已为 ${ids.length} 次清除补上凭据：${ids.join("、")}`,
    en:
      ids.length === 0
        ? "No erasure lacks a voucher."
        : `${ids.length} erasures are vouched for: ${ids.join(", ")}`,
  };
  show(terminal, json, { vouched: ids.length, ids }, text[terminal.language]);
  return 0;
}
