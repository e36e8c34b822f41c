import type { Db } from "../engines/database/database.ts";
import { findRecovery, findTotp } from "./factor-store.ts";
import { hasPasskey } from "./passkey-store.ts";
import { recoveryCodeCount } from "./recovery-code.ts";

/** What a log-in that waits for a second factor takes from an account. */
export type FactorMethod = "passkey" | "totp" | "recovery_code";

/** Those that the account has now. `passkeysWork`: whether the site's address can have passkeys. */
export async function methodsOf(db: Db, userId: number, passkeysWork: boolean): Promise<FactorMethod[]> {
  const methods: FactorMethod[] = [];
  if (passkeysWork && (await hasPasskey(db, userId))) methods.push("passkey");
  const totp = await findTotp(db, userId);
  if (totp !== null && totp.confirmed_at !== null) methods.push("totp");
  const recovery = await findRecovery(db, userId);
  if (recovery !== null && recovery.used !== 2 ** recoveryCodeCount - 1) methods.push("recovery_code");
  return methods;
}
