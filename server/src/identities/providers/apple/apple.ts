import type { Clock } from "../../../kernel/clock.ts";
import { createIssuer, type Traded, verifiedEmailOf } from "../openid-issuer.ts";
import { cleanProfile } from "../profile.ts";
import { type ProviderClient, ProviderTrouble } from "../provider.ts";
import type { Upstream } from "../upstream.ts";
import { readCode } from "./callback-form.ts";
import { appleIssuer, createClientSecrets } from "./client-secret.ts";
import type { AppleSettings } from "./settings.ts";

/**
 * Sign in with Apple. Facts, from developer.apple.com ("Sign in with Apple REST API") and its discovery document:
 * - the account key is `sub`, which is one for all applications of the team; `transfer_sub` and moves between teams are not known
 *   here;
 * - whoever asks for name or address has to take the answer by a form (`response_mode=form_post`);
 * - a client secret is a JWT, in the body; ID tokens are RS256; there is no user info;
 * - `email_verified` comes as a boolean or a string; an address at privaterelay.appleid.com is one that works;
 * - PKCE is not advertised, but a challenge that was sent is verified (github.com/a-tokyo/apple-signin-auth, issue 180): it is sent,
 *   and the nonce is what is relied on;
 * - a refresh token never expires. `/auth/revoke` ends what the person granted, and answers 200 for what is over already;
 * - nothing has it ask for a password again, and it doesn't say how it knew the person.
 */
export function createApple(settings: AppleSettings, upstream: Upstream, clock: Clock): ProviderClient {
  const { clientId, redirectUri, baseUrl } = settings;
  const clientSecret = createClientSecrets(settings, clock);
  const issuer = createIssuer(
    {
      ...{ issuer: appleIssuer, clientId, redirectUri, allowHttp: baseUrl.startsWith("http:") },
      authenticate(_server, _client, body) {
        body.set("client_id", clientId);
        body.set("client_secret", clientSecret());
      },
      // As in https://appleid.apple.com/.well-known/openid-configuration, by the address that is set: one request less, and a
      // relay need not change what it hands on.
      metadata: {
        issuer: appleIssuer,
        authorization_endpoint: `${baseUrl}/auth/authorize`,
        token_endpoint: `${baseUrl}/auth/token`,
        revocation_endpoint: `${baseUrl}/auth/revoke`,
        jwks_uri: `${baseUrl}/auth/keys`,
        id_token_signing_alg_values_supported: ["RS256"],
      },
    },
    upstream,
  );

  return {
    authorizationUrl: (flow) =>
      issuer.authorizationUrl(flow, { scope: "name email", response_mode: "form_post" }),

    async identify({ code: sent, secrets }) {
      const { code, name } = readCode(sent);
      const traded = await issuer.trade({ code, secrets, issuer: null });
      const { claims } = traded;
      return {
        keys: [claims.sub],
        grant: grantOf(traded),
        profile: async () =>
          cleanProfile({ nickname: name, avatar: null, verifiedEmail: verifiedEmailOf(claims) }),
      };
    },

    async revoke(grant) {
      const [, hint, token] = /^(refresh_token|access_token) (.+)$/.exec(grant) ?? [];
      if (hint === undefined || token === undefined) {
        throw new ProviderTrouble("unexpected", "revocation: no grant of ours");
      }
      await issuer.revoke(token, hint);
    },
  };
}

/** With its kind, which Apple wants to be told. */
function grantOf({ refreshToken, accessToken }: Traded): string {
  return refreshToken === undefined ? `access_token ${accessToken}` : `refresh_token ${refreshToken}`;
}
