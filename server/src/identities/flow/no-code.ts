import { AppError } from "../../errors/errors.ts";
import { maskText } from "../../kernel/mask.ts";
import { shown } from "../providers/answer.ts";
import { titles } from "../providers/known-provider.ts";
import { ProviderTrouble } from "../providers/provider.ts";
import type { KnownProvider } from "../providers/providers.ts";

/**
 * What a callback without a code means. Promises: only a refusal by the person is called one; whatever else a
 * provider reports (a redirect address that is not registered, a suspended application, its own trouble) is 503
 * and stands in the log, so that an operator hears of it. Anyone can call the address, so the reported text is
 * bounded, printable and masked before it is logged, and never shown.
 */
export interface CodelessCallback {
  readonly state?: string | undefined;
  readonly error?: string | undefined;
  readonly usercancel?: string | undefined;
}

/** `oauth_cancelled`, `provider_trouble` or `oauth_code_missing`. */
export function withoutCode(provider: KnownProvider, sent: CodelessCallback): AppError {
  const { state, error, usercancel } = sent;
  // RFC 6749 section 4.1.2.1; Weibo (with 21330), GitHub and OpenID Connect issuers send it.
  if (error === "access_denied") return new AppError("oauth_cancelled");
  if (error) {
    const cause = new ProviderTrouble("unexpected", `callback: error ${shown(maskText(error))}`);
    return new AppError("provider_trouble", { cause, parameters: titles(provider), retryAfterSeconds: 5 });
  }
  // QQ in a phone's browser: any number but 0.
  const byQq = provider.name === "qq" && usercancel && usercancel !== "0";
  // WeChat comes back with the state alone.
  const byWechat = provider.name === "wechat" && state;
  return new AppError(byQq || byWechat ? "oauth_cancelled" : "oauth_code_missing");
}
