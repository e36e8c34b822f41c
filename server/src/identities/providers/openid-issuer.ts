import * as openid from "openid-client";
import { mendJson } from "./answer.ts";
import {
  type Authentication,
  type AuthorizationFlow,
  type Callback,
  CodeRefused,
  LogInNotFresh,
  ProviderTrouble,
} from "./provider.ts";
import type { Exchange, Upstream, UpstreamAnswer } from "./upstream.ts";

/**
 * What is the same at every OpenID Connect issuer (OpenID Connect Core 1.0), through openid-client: PKCE S256, nonce and
 * ID-token checks (issuer, audience, expiry, nonce, signature) are the library's. Metadata that name another issuer than
 * the configured one are refused before anything in them is used (guard: oidc.test.ts).
 */
export interface IssuerFacts {
  /** As it stands in its metadata and in its ID tokens. */
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** Plain http for the issuer; only for one on this machine. */
  readonly allowHttp: boolean;
  /** How requests to it say that they are ours; asked for each. */
  readonly authenticate: openid.ClientAuth;
  /** Where its addresses are known; else they are read at the issuer (OpenID Connect Discovery 1.0). */
  readonly metadata?: openid.ServerMetadata;
}

/** What a code was traded for, checked. */
export interface Traded {
  readonly configuration: openid.Configuration;
  readonly claims: openid.IDToken;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** OpenID Connect Core 1.0 section 2: at most 255 ASCII characters. */
const subForm = /^[\x20-\x7e]{1,255}$/;

/** How far an issuer's clock may be behind, in milliseconds. */
const clockSkew = 60_000;

export function createIssuer(facts: IssuerFacts, upstream: Upstream) {
  const { clientId, redirectUri } = facts;
  // Kept once read; a failed reading is tried again by the next visitor.
  let metadata = facts.metadata ?? null;
  let keys: openid.ExportedJWKSCache | undefined;

  return {
    /** `parameters`: those beside the client's own, the state and the secrets'. Rejects with `ProviderTrouble`. */
    async authorizationUrl(
      { state, secrets }: Pick<AuthorizationFlow, "state" | "secrets">,
      parameters: Readonly<Record<string, string>>,
    ): Promise<string> {
      const configuration = await configure(upstream.begin());
      const all: Record<string, string> = { redirect_uri: redirectUri, state, ...parameters };
      if (secrets) {
        all.nonce = secrets.nonce;
        all.code_challenge = await openid.calculatePKCECodeChallenge(secrets.codeVerifier);
        all.code_challenge_method = "S256";
      }
      try {
        return openid.buildAuthorizationUrl(configuration, all).href;
      } catch (error) {
        throw failureOf(error, "authorization");
      }
    },

    /** Rejects with `CodeRefused`, `LogInNotFresh` and `ProviderTrouble`. */
    async trade({ code, secrets, issuer, freshSince }: Callback): Promise<Traded> {
      const configuration = await configure(upstream.begin());
      if (keys) openid.setJwksCache(configuration, keys);
      const callback = new URL(redirectUri);
      callback.searchParams.set("code", code);
      // Mix-up of issuers (RFC 9207): the library compares it, and demands it where the issuer promises it.
      if (issuer !== null) callback.searchParams.set("iss", issuer);
      const tokens = await openid
        .authorizationCodeGrant(configuration, callback, {
          expectedState: openid.skipStateCheck,
          idTokenExpected: true,
          ...(secrets && { pkceCodeVerifier: secrets.codeVerifier, expectedNonce: secrets.nonce }),
        })
        .catch((error: unknown) => {
          throw failureOf(error, "token");
        });
      keys = openid.getJwksCache(configuration);
      const claims = tokens.claims();
      if (!claims || !subForm.test(claims.sub)) {
        throw new ProviderTrouble("unexpected", "token: no usable sub");
      }
      if (freshSince !== undefined) expectFresh(claims.auth_time, freshSince);
      const { access_token: accessToken, refresh_token: refreshToken } = tokens;
      return { configuration, claims, accessToken, refreshToken };
    },

    /** RFC 7009; `hint` says which kind of token it is. Rejects with `ProviderTrouble`. */
    async revoke(token: string, hint: string): Promise<void> {
      const configuration = await configure(upstream.begin());
      await openid
        .tokenRevocation(configuration, token, { token_type_hint: hint })
        .catch((error: unknown) => {
          throw failureOf(error, "revocation");
        });
    },
  };

  /** A Configuration for this one log-in, because its calls share one time limit. */
  async function configure(exchange: Exchange): Promise<openid.Configuration> {
    const fetch = fetchThrough(exchange);
    metadata ??= await discover(facts, fetch);
    const configuration = new openid.Configuration(metadata, clientId, undefined, facts.authenticate);
    configuration[openid.customFetch] = fetch;
    if (facts.allowHttp) openid.allowInsecureRequests(configuration);
    // The connection's TLS would do by the standard; a proxy in between is why the signature is checked too.
    openid.enableNonRepudiationChecks(configuration);
    return configuration;
  }
}

async function discover(
  { issuer, clientId, authenticate, allowHttp }: IssuerFacts,
  fetch: openid.CustomFetch,
): Promise<openid.ServerMetadata> {
  const discovered = await openid
    .discovery(new URL(issuer), clientId, undefined, authenticate, {
      [openid.customFetch]: fetch,
      ...(allowHttp && { execute: [openid.allowInsecureRequests] }),
    })
    .catch((error: unknown) => {
      throw failureOf(error, "discovery");
    });
  const found = discovered.serverMetadata();
  // The library lets some of Microsoft's hosts, and an address in /.well-known/, name any issuer (ASVS 10.5.3).
  if (!URL.canParse(found.issuer) || new URL(found.issuer).href !== new URL(issuer).href) {
    throw new ProviderTrouble("misconfigured", "discovery: the metadata is another issuer's");
  }
  return found;
}

function fetchThrough(exchange: Exchange): openid.CustomFetch {
  return async (url, { method, headers, body }) => {
    const answer = await exchange.send({
      step: new URL(url).pathname.slice(0, 80),
      method: method === "POST" ? "POST" : "GET",
      url,
      headers,
      ...(body instanceof URLSearchParams && { form: Object.fromEntries(body) }),
      repeatable: method === "GET",
    });
    return new Response(readableText(answer), {
      status: answer.status,
      headers: { "content-type": answer.contentType },
    });
  };
}

/** What the library's strict parser will read: an answer in JSON that holds a raw control character is mended first. */
function readableText({ text, contentType }: UpstreamAnswer): string {
  if (!/[/+]json\b/i.test(contentType)) return text;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return mendJson(text);
  }
}

/** Throws where the person logged in at the issuer before `since` (epoch milliseconds), or it doesn't say when. */
function expectFresh(authTime: number | undefined, since: number): void {
  if (authTime === undefined) throw new LogInNotFresh("no auth_time");
  if (authTime * 1000 < since - clockSkew) throw new LogInNotFresh("auth_time is before that");
}

/** Of the ID token alone: what user info says is not signed for this log-in. */
export function authenticationOf({ amr, acr }: openid.IDToken): Authentication {
  const methods: unknown[] = Array.isArray(amr) ? amr : [];
  return {
    amr: methods.filter((one) => typeof one === "string"),
    acr: typeof acr === "string" ? acr : null,
  };
}

/** The address that the issuer says it has verified, as cleanProfile takes it. */
export function verifiedEmailOf(facts: Readonly<Record<string, unknown>>): unknown {
  // Cognito and Apple send the claim as a string (both document it); anything else is no promise.
  const { email, email_verified: verified } = facts;
  return verified === true || verified === "true" ? email : null;
}

/** What the library threw in a step, as a client of a provider rejects with it. */
export function failureOf(error: unknown, step: string): Error {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ProviderTrouble) return cause;
  }
  if (error instanceof openid.ResponseBodyError) {
    // RFC 6749 section 5.2: the code is invalid, expired, revoked, or was issued for another address.
    if (step === "token" && error.error === "invalid_grant") return new CodeRefused(error.error);
    const kind = /^(invalid|unauthorized)_client$/.test(error.error) ? "misconfigured" : "unexpected";
    return new ProviderTrouble(kind, `${step}: error ${error.error.slice(0, 60)}`);
  }
  return new ProviderTrouble("unexpected", `${step}: ${reasonOf(error)}`);
}

/**
 * The library's messages name what was wrong with the answer, not its content; the first one in general, the one
 * below it exactly. What lies deeper is the parser's and quotes the answer.
 */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  const { cause } = error;
  const isLibrarys = cause instanceof Error && "code" in cause && String(cause.code).startsWith("OAUTH_");
  return isLibrarys && cause.message !== error.message ? `${error.message}: ${cause.message}` : error.message;
}
