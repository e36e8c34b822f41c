import { randomToken } from "../../kernel/ids.ts";
import { CodeRefused, type ProviderClient, ProviderTrouble } from "./provider.ts";

/**
 * Whether a third party can be reached and takes our credentials: it is asked to trade a code that nobody gave. One that refuses
 * the code alone has looked at the credentials before. Sends nothing of anybody; nothing is kept. Ends within the time limit of a
 * log-in.
 */
export const checkOutcomes = ["works", "credentials", "unreachable", "unclear"] as const;

export interface ProviderCheck {
  /** `credentials`: it refuses ours. `unclear`: it answered otherwise than documented. */
  readonly outcome: (typeof checkOutcomes)[number];
  /** Without a secret; null where it works. */
  readonly detail: string | null;
}

/** Null where there is no such provider, or it has no credentials. */
export type CheckProvider = (name: string) => Promise<ProviderCheck | null>;

export function createCheckProvider(
  find: (name: string) => { readonly client: ProviderClient | null } | null,
): CheckProvider {
  return async (name) => {
    const client = find(name)?.client ?? null;
    return client === null ? null : check(client);
  };
}

async function check(client: ProviderClient): Promise<ProviderCheck> {
  const secrets = { codeVerifier: randomToken(32), nonce: randomToken(16) };
  try {
    // Some read their own addresses there first.
    await client.authorizationUrl({ state: randomToken(16), secrets, language: "zh" });
    await client.identify({ code: `check-${randomToken(16)}`, secrets, issuer: null });
    return { outcome: "unclear", detail: "it took a code that nobody gave" };
  } catch (error) {
    if (error instanceof CodeRefused) return { outcome: "works", detail: null };
    if (!(error instanceof ProviderTrouble)) throw error;
    const { kind, message } = error;
    if (kind === "misconfigured") return { outcome: "credentials", detail: message };
    const isAway = kind === "timeout" || kind === "connection";
    return { outcome: isAway ? "unreachable" : "unclear", detail: message };
  }
}
