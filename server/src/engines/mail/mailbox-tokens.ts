import { createSign } from "node:crypto";
import { type Clock, epochSeconds } from "../../kernel/clock.ts";
import { ask, type HttpOpener } from "./http-delivery.ts";
import { MailFailure } from "./mail.ts";
import { googleMailScope, type TokenGrant } from "./token-grant.ts";

/**
 * Tokens to log in to a mail server by (XOAUTH2). Promise: one is kept until shortly before it expires, fetched once
 * however many ask, within a time limit; a refused one is replaced, not more often than every few seconds. Neither
 * token nor secret is in an error.
 */
export interface MailboxTokensOptions {
  readonly user: string;
  readonly grant: TokenGrant;
  readonly http: HttpOpener;
  readonly clock: Clock;
  /** Milliseconds for one fetch. Default 10,000. */
  readonly timeoutMillis?: number;
}

/** Before it expires: a delivery under way must not see it expire. */
const earlySeconds = 120;
/** A mail server that refuses every token must not make us ask for one with each mail. */
const renewalMillis = 5_000;

export function createMailboxTokens(options: MailboxTokensOptions) {
  const { user, grant, http, clock, timeoutMillis = 10_000 } = options;
  const { host } = new URL(grant.tokenUrl);
  let held: { readonly token: string; readonly fetchedAt: number; readonly until: number } | null = null;
  let underWay: Promise<string> | null = null;

  async function fetchToken(): Promise<string> {
    const body = new URLSearchParams(grant.kind === "form" ? grant.fields : assertion()).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { status, json } = await ask(http, { url: grant.tokenUrl, headers, body, timeoutMillis });
    const { access_token: token, expires_in: seconds, error } = json;
    if (status !== 200 || typeof token !== "string" || token === "") {
      const code = typeof error === "string" && /^\w{1,60}$/.test(error) ? ` ${error}` : "";
      throw new MailFailure(`no token from ${host}: ${status}${code}`);
    }
    const life = typeof seconds === "number" && seconds > 0 ? seconds : 300;
    const now = clock.now();
    held = { token, fetchedAt: now, until: now + Math.max(life - earlySeconds, life / 2) * 1000 };
    return token;
  }

  /** RFC 7523: the service account says for which mailbox it asks. */
  function assertion(): Record<string, string> {
    if (grant.kind !== "assertion") throw new TypeError("a grant without a key");
    const now = epochSeconds(clock);
    const claims = { iss: grant.issuer, sub: user, scope: googleMailScope, aud: grant.tokenUrl };
    const parts = [
      { alg: "RS256", typ: "JWT" },
      { ...claims, iat: now, exp: now + 3600 },
    ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    const signed = parts.join(".");
    const signature = createSign("RSA-SHA256").update(signed).sign(grant.privateKey, "base64url");
    return {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: `${signed}.${signature}`,
    };
  }

  return {
    /** `isRefused`: the server did not take the last one. Error: `MailFailure`. */
    async get(isRefused: boolean): Promise<string> {
      const now = clock.now();
      const isFresh = held !== null && now - held.fetchedAt < renewalMillis;
      if (held !== null && now < held.until && (!isRefused || isFresh)) return held.token;
      underWay ??= fetchToken().finally(() => {
        underWay = null;
      });
      return underWay;
    },
  };
}
