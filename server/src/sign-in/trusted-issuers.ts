import type { TrustRule } from "../factors/policy-settings.ts";
import type { Authentication } from "../identities/providers/provider.ts";

/**
 * Whether a third party's log-in counts as one with a second factor. Promise: by MFA_TRUST_PROVIDERS alone, and by claims that
 * its ID token has under a verified signature; whoever says nothing of it is one factor (guard: trusted-issuers.test.ts).
 */
export function isTrustedWithFactor(
  rules: readonly TrustRule[],
  provider: string,
  authentication: Authentication | undefined,
): boolean {
  if (authentication === undefined) return false;
  const { amr, acr } = authentication;
  return rules.some(
    (rule) =>
      rule.provider === provider && (rule.claim === "acr" ? acr === rule.value : amr.includes(rule.value)),
  );
}
