import * as openid from "openid-client";
import { isChinese, type Language } from "../../../words/language.ts";
import { authenticationOf, createIssuer, failureOf, type Traded, verifiedEmailOf } from "../openid-issuer.ts";
import { cleanProfile } from "../profile.ts";
import type { Profile, ProviderClient } from "../provider.ts";
import type { Upstream } from "../upstream.ts";

/**
 * Any OpenID Connect issuer (OpenID Connect Core 1.0): its addresses are discovered. The account key is issuer and `sub`,
 * never the e-mail; an e-mail counts only with `email_verified` true.
 */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Plain http for the issuer; only for one on this machine. */
  readonly allowHttp: boolean;
}

/** What issuers may know the language by, the closest first. */
function localesOf(language: Language): string {
  if (language === "zh") return "zh-CN zh";
  return isChinese(language) ? `${language} zh-TW zh` : language;
}

export function createOidc({ clientSecret, ...settings }: OidcSettings, upstream: Upstream): ProviderClient {
  const issuer = createIssuer({ ...settings, authenticate: chooseAuth(clientSecret) }, upstream);

  return {
    authorizationUrl: ({ language, isFresh = false, ...flow }) =>
      issuer.authorizationUrl(flow, {
        scope: "openid profile email",
        ui_locales: localesOf(language),
        // The first is a wish; by the second the ID token has to say when it was (OpenID Connect Core 1.0 section 3.1.2.1).
        ...(isFresh && { prompt: "login", max_age: "0" }),
      }),

    async identify(callback) {
      const traded = await issuer.trade(callback);
      const { claims } = traded;
      return {
        keys: [`${claims.iss}|${claims.sub}`],
        authentication: authenticationOf(claims),
        ...grantOf(traded),
        profile: () => profileOf(traded),
      };
    },

    revoke: (grant) => issuer.revoke(grant, "refresh_token"),
  };
}

/** Kept only where it can be taken back (RFC 7009): an access token ends by itself. */
function grantOf({ configuration, refreshToken }: Traded): { grant?: string } {
  const canRevoke = configuration.serverMetadata().revocation_endpoint !== undefined;
  return canRevoke && refreshToken !== undefined ? { grant: refreshToken } : {};
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

async function profileOf({ configuration, accessToken, claims }: Traded): Promise<Profile> {
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
    verifiedEmail: verifiedEmailOf(facts),
  });
}
