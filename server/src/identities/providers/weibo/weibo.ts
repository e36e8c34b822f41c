import { isChinese } from "../../../words/language.ts";
import { accessToken, errorNumber, identifier, jsonObject, shown } from "../answer.ts";
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
 * Sina Weibo (api.weibo.com). Facts, from open.weibo.com/wiki and recorded answers:
 * - the account key is `uid` of the token answer, a string there; `id` of the profile is a number beyond
 *   2^32, so `idstr` is read. Never the access token: it is replaced, and the same for repeated codes;
 * - the token endpoint reads a form, not JSON (it would answer 21323 "miss client id or secret");
 * - errors: status 400 with 21325 for a bad code, 401 with 21324 for a wrong secret; `error_code` is a number
 *   in practice and a string in the documents;
 * - `forcelogin=true` has it ask for the log-in again; nothing tells afterwards whether it did;
 * - a token lives for five years; `oauth2/revokeoauth2` ends what the person granted. One that is over already is answered with
 *   an error of its own;
 * - no PKCE; e-mail only with a permission that few have, so it is not asked for.
 */
const step = "token";

export function createWeibo(settings: ProviderSettings, upstream: Upstream): ProviderClient {
  const { clientId, clientSecret, redirectUri, baseUrl } = settings;
  return {
    async authorizationUrl({ state, language, isFresh = false }) {
      const query = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        state,
        ...(!isChinese(language) && { language: "en" }),
        ...(isFresh && { forcelogin: "true" }),
      });
      return `${baseUrl}/oauth2/authorize?${query}`;
    },

    async identify({ code }) {
      const exchange = upstream.begin();
      const answer = await exchange.send({
        step,
        method: "POST",
        url: `${baseUrl}/oauth2/access_token`,
        form: {
          client_id: clientId,
          client_secret: clientSecret,
          grant_type: "authorization_code",
          code,
          redirect_uri: redirectUri,
        },
        repeatable: false,
      });
      const fields = jsonObject(step, answer);
      const error = errorNumber(fields, "error_code");
      // 21325 invalid_grant, 21327 expired_token: about the code.
      if (error === 21325 || error === 21327) throw new CodeRefused(error);
      if (error !== null || fields.error !== undefined || answer.status !== 200) {
        const kind = error === 21322 || error === 21323 || error === 21324 ? "misconfigured" : "unexpected";
        throw new ProviderTrouble(
          kind,
          `token: status ${answer.status}, error ${shown(error ?? fields.error)}`,
        );
      }
      const token = accessToken(step, fields);
      const uid = identifier(step, fields, "uid", uidForm);
      return { keys: [uid], grant: token, profile: () => profileOf(exchange, baseUrl, token, uid) };
    },

    async revoke(grant) {
      const answer = await upstream.begin().send({
        ...{ step: "revocation", method: "POST", form: { access_token: grant }, repeatable: true },
        // In the body: an address ends up in logs.
        url: `${baseUrl}/oauth2/revokeoauth2`,
      });
      const fields = jsonObject("revocation", answer);
      const error = errorNumber(fields, "error_code");
      if (error !== null && tokenIsOver.has(error)) return;
      if (answer.status === 200 && error === null && fields.error === undefined) return;
      throw new ProviderTrouble(
        "unexpected",
        `revocation: status ${answer.status}, error ${shown(error ?? fields.error)}`,
      );
    },
  };
}

/** 21317 rejected, 21319 its authorization was revoked, 21327 expired, 21332 invalid. */
const tokenIsOver: ReadonlySet<number> = new Set([21317, 21319, 21327, 21332]);
const uidForm = /^[1-9]\d{0,19}$/;

async function profileOf(exchange: Exchange, baseUrl: string, token: string, uid: string): Promise<Profile> {
  const answer = await exchange.send({
    step: "profile",
    method: "GET",
    url: `${baseUrl}/2/users/show.json?${new URLSearchParams({ access_token: token, uid })}`,
    repeatable: true,
  });
  const fields = jsonObject("profile", answer);
  if (fields.error_code !== undefined || fields.error !== undefined || answer.status !== 200) {
    throw new ProviderTrouble(
      "unexpected",
      `profile: status ${answer.status}, error ${shown(fields.error_code)}`,
    );
  }
  if (identifier("profile", fields, fields.idstr === undefined ? "id" : "idstr", uidForm) !== uid) {
    throw new ProviderTrouble("unexpected", "profile: somebody else's");
  }
  return cleanProfile({
    nickname: fields.screen_name ?? fields.name,
    avatar: fields.avatar_large || fields.profile_image_url,
  });
}
