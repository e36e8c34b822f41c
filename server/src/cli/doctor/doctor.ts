import type { Config } from "../../config/config.ts";
import type { Clock } from "../../kernel/clock.ts";
import { checkAuditChain } from "./audit-chain-check.ts";
import { checkBrand } from "./brand-checks.ts";
import { checkCaptcha } from "./captcha-check.ts";
import { checkOwnClock } from "./clock-checks.ts";
import { checkCookieSessions } from "./cookie-session-check.ts";
import { checkDeletedList } from "./deleted-list-check.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { checkEngines } from "./engine-checks.ts";
import { checkFallbacks } from "./fallback-check.ts";
import { checkNode } from "./host-checks.ts";
import { checkInstallation } from "./installation-check.ts";
import { checkMail } from "./mail-checks.ts";
import { checkPasskeys } from "./passkey-check.ts";
import { checkPictures } from "./picture-check.ts";
import { checkSecondFactors } from "./second-factor-check.ts";
import { checkSettings } from "./settings-checks.ts";
import { checkSms, checkSmsNotice } from "./sms-checks.ts";
import { checkWords } from "./words-check.ts";

/**
 * Looks for what people get wrong when they set the product up. Changes nothing, sends no mail, and never
 * prints a secret; of a store of pictures it writes one of its own and removes it. A check that breaks is itself a diagnosis, not the end of the others.
 */
export async function diagnose(
  config: Config & { readonly secretKey: string },
  clock: Clock,
): Promise<Diagnosis[]> {
  const all = await Promise.all([
    [checkNode(process.versions.node)],
    checkSettings(config),
    [checkWords(config)],
    checkBrand(config),
    checkCookieSessions(config),
    checkPasskeys(config),
    checkEngines(config, clock),
    checkMail(config),
    checkSms(config),
    checkSmsNotice(config),
    checkCaptcha(config),
    checkPictures(config),
    checkInstallation(config),
    checkDeletedList(config),
    checkFallbacks(config, clock),
    checkAuditChain(config),
    checkSecondFactors(config),
  ]);
  const found = all.flat();
  return found.some(({ check }) => check === "clock")
    ? found
    : [...found, await checkOwnClock(config, clock)];
}
