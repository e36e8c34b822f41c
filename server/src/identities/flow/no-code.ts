import { AppError } from "../../errors/errors.ts";
import { maskText } from "../../kernel/mask.ts";
import { shown } from "../providers/answer.ts";
import type { CodelessCallback } from "../providers/definition.ts";
import { titles } from "../providers/known-provider.ts";
import { ProviderTrouble } from "../providers/provider.ts";
import type { KnownProvider } from "../providers/providers.ts";

/**
 * What a callback without a code means. Promises: only a refusal by the person is called one; whatever else a
 * provider reports (a redirect address that is not registered, a suspended application, its own trouble) is 503
 * and is in the log, so that an operator is notified. Anyone can call the address, so the reported text is
 * bounded, printable and masked before it is logged, and never shown.
 */

/** `oauth_cancelled`, `provider_trouble` or `oauth_code_missing`. */
export function withoutCode(provider: KnownProvider, sent: CodelessCallback): AppError {
  const { error } = sent;
  // RFC 6749 section 4.1.2.1.
  if (error === "access_denied") return new AppError("oauth_cancelled");
  if (error) {
    const cause = new ProviderTrouble("unexpected", `callback: error ${shown(maskText(error))}`);
    return new AppError("provider_trouble", { cause, parameters: titles(provider), retryAfterSeconds: 5 });
  }
  return new AppError(provider.isCancel(sent) ? "oauth_cancelled" : "oauth_code_missing");
}
