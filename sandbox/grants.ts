import { randomBytes } from "node:crypto";
import type { CodeState, Grant } from "../server/src/identities/providers/imitation.ts";

/** Codes and access tokens the sandbox gave out. In memory, bounded, gone with the process. */
interface KeptGrant extends Grant {
  readonly provider: string;
  readonly expiresAt: number;
  used: boolean;
}

export interface Grants {
  /** A code for the grant, in the given form; lives 10 minutes as everywhere. */
  issueCode(provider: string, grant: Grant, form: (bytes: Buffer) => string): string;
  /** Uses the code up. */
  redeem(provider: string, code: string): { state: CodeState; grant: Grant | null };
  issueToken(provider: string, grant: Grant, token: string): void;
  byToken(provider: string, token: string): Grant | null;
  /** What was granted is taken back: the token is nobody's from now on. */
  dropToken(provider: string, token: string): void;
}

const codeLifeMillis = 600_000;
const limit = 1000;

export function createGrants(now: () => number): Grants {
  const codes = new Map<string, KeptGrant>();
  const tokens = new Map<string, { readonly provider: string; readonly grant: Grant }>();
  const keep = <Kept>(map: Map<string, Kept>, key: string, grant: Kept) => {
    if (map.size >= limit) map.delete(map.keys().next().value!);
    map.set(key, grant);
  };
  return {
    issueCode(provider, grant, form) {
      const code = form(randomBytes(16));
      keep(codes, code, { ...grant, provider, expiresAt: now() + codeLifeMillis, used: false });
      return code;
    },
    redeem(provider, code) {
      const grant = codes.get(code);
      if (!grant || grant.provider !== provider) return { state: "unknown", grant: null };
      const wasUsed = grant.used || grant.chosen === "code-reused";
      grant.used = true;
      if (wasUsed) return { state: "used", grant };
      const isOld = now() >= grant.expiresAt || grant.chosen === "code-expired";
      return { state: isOld ? "expired" : "good", grant };
    },
    issueToken: (provider, grant, token) => keep(tokens, token, { provider, grant }),
    byToken(provider, token) {
      const kept = tokens.get(token);
      return kept?.provider === provider ? kept.grant : null;
    },
    dropToken(provider, token) {
      if (tokens.get(token)?.provider === provider) tokens.delete(token);
    },
  };
}
