import { createHash } from "node:crypto";
import { accessToken, type Fields, identifier, jsonObject, parseLenient, shown } from "../answer.ts";
import { cleanProfile } from "../profile.ts";
import {
  CodeRefused,
  type Profile,
  type ProviderClient,
  type ProviderSettings,
  ProviderTrouble,
} from "../provider.ts";
import type { Exchange, Upstream } from "../upstream.ts";

/**
 * GitHub OAuth apps. Facts, from docs.github.com:
 * - the account key is the numeric `id`; `login` can be changed and taken over by somebody else;
 * - nothing has it ask for a password again; `prompt=select_account` shows the person a page, where a known one would be
 *   sent straight back;
 * - PKCE with S256 (RFC 7636); with `Accept: application/json` the answers are JSON, errors with status 200;
 * - `email` of the profile is what the person chose to show, possibly unverified: only the entry of
 *   /user/emails that is primary and verified counts, and there may be none;
 * - a token never expires while it is used now and then. `DELETE /applications/{client_id}/grant`, with the client's credentials, ends
 *   whatever the person granted the application; 404 and 422 are those of a token that is over already.
 */
export function createGithub(settings: ProviderSettings, upstream: Upstream): ProviderClient {
  const { clientId, clientSecret, redirectUri, baseUrl, apiBaseUrl } = settings;
  return {
    async authorizationUrl({ state, secrets, isFresh = false }) {
      const query = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: "user:email",
        state,
        ...(secrets && {
          code_challenge: challengeOf(secrets.codeVerifier),
          code_challenge_method: "S256",
        }),
        ...(isFresh && { prompt: "select_account" }),
      });
      return `${baseUrl}/login/oauth/authorize?${query}`;
    },

    async identify({ code, secrets }) {
      const exchange = upstream.begin();
      const answer = await exchange.send({
        step: "token",
        method: "POST",
        url: `${baseUrl}/login/oauth/access_token`,
        headers: { accept: "application/json" },
        form: {
          client_id: clientId,
          client_secret: clientSecret,
          code,
          redirect_uri: redirectUri,
          ...(secrets && { code_verifier: secrets.codeVerifier }),
        },
        repeatable: false,
      });
      const fields = jsonObject("token", answer);
      if (fields.error === "bad_verification_code") throw new CodeRefused(fields.error);
      if (fields.error !== undefined || answer.status !== 200) {
        throw new ProviderTrouble(
          fields.error === "incorrect_client_credentials" || fields.error === "redirect_uri_mismatch"
            ? "misconfigured"
            : "unexpected",
          `token: status ${answer.status}, error ${shown(fields.error)}`,
        );
      }
      const token = accessToken("token", fields);
      const user = jsonObject("user", await read(exchange, "user", `${apiBaseUrl}/user`, token));
      const id = identifier("user", user, "id", /^[1-9]\d{0,15}$/);
      return { keys: [id], grant: token, profile: () => profileOf(exchange, apiBaseUrl, token, user) };
    },

    async revoke(grant) {
      const step = "revocation";
      const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
      const { status } = await upstream.begin().send({
        ...{ step, method: "DELETE", repeatable: true, json: { access_token: grant } },
        url: `${apiBaseUrl}/applications/${encodeURIComponent(clientId)}/grant`,
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Basic ${basic}`,
          "x-github-api-version": "2022-11-28",
        },
      });
      if (status === 204 || status === 404 || status === 422) return;
      throw new ProviderTrouble(status === 401 ? "misconfigured" : "unexpected", `${step}: status ${status}`);
    },
  };
}

async function read(exchange: Exchange, step: string, url: string, token: string, mayBeRefused = false) {
  const answer = await exchange.send({
    step,
    method: "GET",
    url,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "x-github-api-version": "2022-11-28",
    },
    repeatable: true,
  });
  if (answer.status === 200 || (mayBeRefused && (answer.status === 403 || answer.status === 404))) {
    return answer;
  }
  throw new ProviderTrouble("unexpected", `${step}: status ${answer.status}`);
}

async function profileOf(
  exchange: Exchange,
  apiBaseUrl: string,
  token: string,
  user: Fields,
): Promise<Profile> {
  const answer = await read(exchange, "emails", `${apiBaseUrl}/user/emails`, token, true);
  return cleanProfile({
    nickname: user.name || user.login,
    avatar: user.avatar_url,
    // 403 and 404: the person did not grant user:email. Then there is none to offer.
    verifiedEmail: answer.status === 200 ? verifiedPrimary(answer.text) : null,
  });
}

function verifiedPrimary(text: string): unknown {
  const list = parseLenient(text);
  if (list === undefined) throw new ProviderTrouble("unreadable", "emails: not JSON");
  if (!Array.isArray(list)) throw new ProviderTrouble("unexpected", "emails: not a list");
  const found = list.find((entry: Fields | null) => entry?.primary === true && entry.verified === true);
  return found?.email ?? null;
}

/** S256: BASE64URL(SHA256(verifier)), RFC 7636 section 4.2. */
function challengeOf(codeVerifier: string): string {
  return createHash("sha256").update(codeVerifier).digest("base64url");
}
