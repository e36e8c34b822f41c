import { endTokens } from "../../accounts/user-change.ts";
import type { Db } from "../../engines/database/database.ts";
import type { ManageContext } from "../command/contexts.ts";
import { recordOfAccount } from "./account-audit.ts";

/** Ends every token of an account, with its entry in the audit log. Error: `not_found`. */
export async function endAccountTokens(context: ManageContext, transaction: Db, id: number): Promise<void> {
  const { user, version } = await endTokens(transaction, context.clock, id);
  const before = { credentials_version: user.credentials_version };
  const after = { credentials_version: version };
  await recordOfAccount(context, transaction, "user.end-tokens", user, before, after);
}
