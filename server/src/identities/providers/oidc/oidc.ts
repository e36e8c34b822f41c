import * as openid from "openid-client";
import { isChinese, type Language } from "../../../words/language.ts";
import { mendJson } from "../answer.ts";
import { cleanProfile } from "../profile.ts";
import {
  type Authentication,
  CodeRefused,
  LogInNotFresh,
  type Profile,
  type ProviderClient,
  ProviderTrouble,
} from "../provider.ts";
import type { Exchange, Upstream, UpstreamAnswer } from "../upstream.ts";

/**
 * Any OpenID Connect issuer (OpenID Connect Core 1.0), through openid-client: discovery, PKCE S256, nonce,
 * ID-token checks (issuer, audience, expiry, nonce, signature) are the library's. The account key is issuer
 * and `sub`, never the e-mail; an e-mail counts only with `email_verified` true. Metadata that name another issuer
 * than the configured one are refused before anything in them is used (guard: oidc.test.ts).
 */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Plain http for the issuer; only for one on this machine. */
  readonly allowHttp: boolean;
}

/** OpenID Connect Core 1.0 section 2: at most 255 ASCII characters. */
const subForm = /^[\x20-\x7e]{1,255}$/;

/** How far an issuer's clock may be behind, in milliseconds. */
const clockSkew = 60_000;

/** What issuers may know the language by, the closest first. */
function localesOf(language: Language): string {
  if (language === "zh") return "zh-CN zh";
  return isChinese(language) ? `${language} zh-TW zh` : language;
}

export function createOidc(settings: OidcSettings, upstream: Upstream): ProviderClient {
  const { clientId, clientSecret, redirectUri } = settings;
  // Kept once read; a failed reading is tried again by the next visitor.
  let metadata: openid.ServerMetadata | null = null;
  let keys: openid.ExportedJWKSCache | undefined;

  return {
    async authorizationUrl({ state, secrets, language, isFresh = false }) {
      const configuration = await configure(upstream.begin());
      const parameters: Record<string, string> = {
        redirect_uri: redirectUri,
        scope: "openid profile email",
        state,
        ui_locales: localesOf(language),
        // The first is a wish; by the second the ID token has to say when it was (OpenID Connect Core 1.0 section 3.1.2.1).
        ...(isFresh && { prompt: "login", max_age: "0" }),
      };
      if (secrets) {
        parameters.nonce = secrets.nonce;
        parameters.code_challenge = await openid.calculatePKCECodeChallenge(secrets.codeVerifier);
        parameters.code_challenge_method = "S256";
      }
      try {
        return openid.buildAuthorizationUrl(configuration, parameters).href;
      } catch (error) {
        throw failureOf(error, "authorization");
      }
    },

    async identify({ code, secrets, issuer, freshSince }) {
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
      return {
        keys: [`${claims.iss}|${claims.sub}`],
        authentication: authenticationOf(claims),
        ...grantOf(configuration, tokens.refresh_token),
        profile: () => profileOf(configuration, tokens.access_token, claims),
      };
    },

    async revoke(grant) {
      const configuration = await configure(upstream.begin());
      const hint = { token_type_hint: "refresh_token" };
      await openid.tokenRevocation(configuration, grant, hint).catch((error: unknown) => {
        throw failureOf(error, "revocation");
      });
    },
  };

  /** Kept only where it can be taken back (RFC 7009): an access token ends by itself, a refresh token at Apple never does. */
  function grantOf(configuration: openid.Configuration, refreshToken?: string): { grant?: string } {
    const canRevoke = configuration.serverMetadata().revocation_endpoint !== undefined;
    return canRevoke && refreshToken !== undefined ? { grant: refreshToken } : {};
  }

  /** A Configuration for this one log-in, because its calls share one time limit. */
  async function configure(exchange: Exchange): Promise<openid.Configuration> {
    const fetch = fetchThrough(exchange);
    if (metadata === null) {
      const discovered = await openid
        .discovery(new URL(settings.issuer), clientId, clientSecret, chooseAuth(clientSecret), {
          [openid.customFetch]: fetch,
          ...(settings.allowHttp && { execute: [openid.allowInsecureRequests] }),
        })
        .catch((error: unknown) => {
          throw failureOf(error, "discovery");
        });
      const found = discovered.serverMetadata();
      // The library lets some of Microsoft's hosts, and an address in /.well-known/, name any issuer (ASVS 10.5.3).
      if (!URL.canParse(found.issuer) || new URL(found.issuer).href !== new URL(settings.issuer).href) {
        throw new ProviderTrouble("misconfigured", "discovery: the metadata is another issuer's");
      }
      metadata = found;
    }
    const configuration = new openid.Configuration(
      metadata,
      clientId,
      clientSecret,
      chooseAuth(clientSecret),
    );
    configuration[openid.customFetch] = fetch;
    if (settings.allowHttp) openid.allowInsecureRequests(configuration);
    // The connection's TLS would do by the standard; a proxy in between is why the signature is checked too.
    openid.enableNonRepudiationChecks(configuration);
    return configuration;
  }
}

/**
 * In the body where the issuer takes that, since Basic needs id and secret percent-encoded first (RFC 6749 section
 * 2.3.1) and some issuers compare them undecoded: a `-` is enough to be refused. Basic is what one that lists nothing
 * supports (OpenID Connect Discovery 1.0 section 3).
 */
function chooseAuth(secret: string): openid.ClientAuth {
  const post = openid.ClientSecretPost(secret);
  const basic = openid.ClientSecretBasic(secret);
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const choose = methods.includes("client_secret_post") ? post : basic;
    choose(server, client, body, headers);
  };
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

async function profileOf(
  configuration: openid.Configuration,
  accessToken: string,
  claims: openid.IDToken,
): Promise<Profile> {
  let facts: Record<string, unknown> = claims;
  // Many issuers put these into the ID token; the others have to be asked.
  if (facts.name === undefined && configuration.serverMetadata().userinfo_endpoint) {
    facts = await openid.fetchUserInfo(configuration, accessToken, claims.sub).catch((error: unknown) => {
      throw failureOf(error, "profile");
    });
  }
  return cleanProfile({
    nickname: facts.name ?? facts.nickname ?? facts.preferred_username,
    avatar: facts.picture,
    verifiedEmail: isTrue(facts.email_verified) ? facts.email : null,
  });
}

/** Throws where the person logged in at the issuer before `since` (epoch milliseconds), or it doesn't say when. */
function expectFresh(authTime: number | undefined, since: number): void {
  if (authTime === undefined) throw new LogInNotFresh("no auth_time");
  if (authTime * 1000 < since - clockSkew) throw new LogInNotFresh("auth_time is before that");
}

/** Of the ID token alone: what user info says is not signed for this log-in. */
function authenticationOf({ amr, acr }: openid.IDToken): Authentication {
  const methods: unknown[] = Array.isArray(amr) ? amr : [];
  return {
    amr: methods.filter((one) => typeof one === "string"),
    acr: typeof acr === "string" ? acr : null,
  };
}

/** Cognito and Apple send the claim as a string (both document it); anything else is no promise. */
function isTrue(claim: unknown): boolean {
  return claim === true || claim === "true";
}

function failureOf(error: unknown, step: string): Error {
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
