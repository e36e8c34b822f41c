import { isChinese } from "../../../words/language.ts";
import { accessToken, errorNumber, type Fields, identifier, jsonObject } from "../answer.ts";
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
 * WeChat website log-in by QR code (open.weixin.qq.com). Facts, from developers.weixin.qq.com:
 * - parameters are called `appid` and `secret`; the address must end in `#wechat_redirect`; `state` is at
 *   most 128 letters and digits;
 * - every error comes with status 200 and `errcode`; 40029 bad, 40163 used, 42003 expired code;
 * - answers are `text/plain` without a charset, in UTF-8;
 * - the account key is the unionid (same for all apps under one open-platform account), else the openid,
 *   which means nothing without its app and so is stored with the appid.
 */
const idForm = /^[\w-]{1,128}$/;

export function createWechat(settings: ProviderSettings, upstream: Upstream): ProviderClient {
  const { clientId, clientSecret, redirectUri, baseUrl, apiBaseUrl } = settings;
  return {
    async authorizationUrl({ state, language }) {
      const query = new URLSearchParams({
        appid: clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: "snsapi_login",
        state,
        ...(!isChinese(language) && { lang: "en" }),
      });
      return `${baseUrl}/connect/qrconnect?${query}#wechat_redirect`;
    },

    async identify({ code }) {
      const exchange = upstream.begin();
      const query = new URLSearchParams({
        appid: clientId,
        secret: clientSecret,
        code,
        grant_type: "authorization_code",
      });
      const answer = await exchange.send({
        step: "token",
        method: "GET",
        url: `${apiBaseUrl}/sns/oauth2/access_token?${query}`,
        repeatable: false,
      });
      const fields = jsonObject("token", answer);
      const error = errorOf(fields);
      if (error === 40029 || error === 40163 || error === 42003) throw new CodeRefused(error);
      if (error !== null) {
        const kind = error === 40013 || error === 40125 ? "misconfigured" : "unexpected";
        throw new ProviderTrouble(kind, `token: errcode ${error}`);
      }
      const token = accessToken("token", fields);
      const openid = identifier("token", fields, "openid", idForm);
      const byApp = `${clientId}:${openid}`;
      const { unionid } = fields;
      const hasUnionid = unionid !== undefined && unionid !== null && unionid !== "";
      return {
        keys: hasUnionid ? [`unionid:${identifier("token", fields, "unionid", idForm)}`, byApp] : [byApp],
        profile: () => profileOf(exchange, apiBaseUrl, token, openid),
      };
    },
  };
}

/** 0 stands for success in WeChat's later interfaces. */
function errorOf(fields: Fields): number | null {
  if (fields.errcode === undefined) return null;
  const error = errorNumber(fields, "errcode") ?? Number.NaN;
  return error === 0 ? null : error;
}

async function profileOf(
  exchange: Exchange,
  apiBaseUrl: string,
  token: string,
  openid: string,
): Promise<Profile> {
  const query = new URLSearchParams({ access_token: token, openid, lang: "zh_CN" });
  const url = `${apiBaseUrl}/sns/userinfo?${query}`;
  const fields = jsonObject(
    "profile",
    await exchange.send({ step: "profile", method: "GET", url, repeatable: true }),
  );
  const error = errorOf(fields);
  if (error !== null) throw new ProviderTrouble("unexpected", `profile: errcode ${error}`);
  if (fields.openid !== openid) throw new ProviderTrouble("unexpected", "profile: somebody else's");
  return cleanProfile({ nickname: fields.nickname, avatar: fields.headimgurl });
}
