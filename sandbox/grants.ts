import { randomBytes } from "node:crypto";
import type { Person } from "./people.ts";

/** Codes and access tokens the sandbox gave out. In memory, bounded, gone with the process. */
export interface Grant {
  readonly provider: string;
  readonly person: Person;
  readonly chosen: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** PKCE challenge and OpenID Connect nonce, where the request had them. */
  readonly challenge: string | null;
  readonly nonce: string | null;
  readonly expiresAt: number;
  used: boolean;
}

export type CodeState = "good" | "unknown" | "used" | "expired";

export interface Grants {
  /** A code for the grant, in the given form; lives 10 minutes as everywhere. */
  issueCode(grant: Omit<Grant, "expiresAt" | "used">, form: (bytes: Buffer) => string): string;
  /** Uses the code up. */
  redeem(provider: string, code: string): { state: CodeState; grant: Grant | null };
  issueToken(grant: Grant, token: string): void;
  byToken(provider: string, token: string): Grant | null;
}

const codeLifeMillis = 600_000;
const limit = 1000;

export function createGrants(now: () => number): Grants {
  const codes = new Map<string, Grant>();
  const tokens = new Map<string, Grant>();
  const keep = (map: Map<string, Grant>, key: string, grant: Grant) => {
    if (map.size >= limit) map.delete(map.keys().next().value!);
    map.set(key, grant);
  };
  return {
    issueCode(request, form) {
      const code = form(randomBytes(16));
      keep(codes, code, { ...request, expiresAt: now() + codeLifeMillis, used: false });
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
    issueToken: (grant, token) => keep(tokens, token, grant),
    byToken(provider, token) {
      const grant = tokens.get(token);
      return grant?.provider === provider ? grant : null;
    },
  };
}
