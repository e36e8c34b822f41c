import { accessToken, errorNumber, type Fields, identifier, jsonObject, objectOf, shown } from "../answer.ts";
import { cleanProfile } from "../profile.ts";
import {
  CodeRefused,
  type Identity,
  type ProviderClient,
  type ProviderSettings,
  ProviderTrouble,
} from "../provider.ts";
import type { Exchange, Upstream, UpstreamAnswer } from "../upstream.ts";

/**
 * QQ Connect (graph.qq.com). Facts, from wiki.connect.qq.com and recorded answers:
 * - the token answer is a query string, an error is JSONP `callback( {…} );` with status 200; `fmt=json` asks
 *   for JSON but is not always honoured, so all three forms are read whatever was asked;
 * - the account key is the openid, 32 hexadecimal digits, different for each APP ID; with the permission
 *   granted `unionid=1` adds `UID_…`, the same for all apps of one developer. Without it: error 100048;
 * - no PKCE, no e-mail; a code lives 10 minutes and works once.
 */
export function createQq(settings: ProviderSettings, upstream: Upstream): ProviderClient {
  const { clientId, clientSecret, redirectUri, baseUrl } = settings;
  return {
    // The address the original sent people to, parameter by parameter (recorded); /oauth2.0/authorize with
    // display=pc leads to the same page.
    async authorizationUrl({ state }) {
      const query = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        state,
      });
      return `${baseUrl}/oauth2.0/show?which=Login&display=pc&scope=get_user_info&${query}`;
    },

    async identify({ code }) {
      // What went wrong on QQ's page comes back as `code` and `msg` (documented); a real code is 32 digits.
      if (/^1000\d\d$/.test(code)) throw new ProviderTrouble("unexpected", `callback: error ${code}`);
      const exchange = upstream.begin();
      const token = await tradeCode(exchange, code);
      const { openid, unionid } = await whoIs(exchange, token);
      const identity: Identity = {
        keys: unionid === null ? [openid] : [unionid, openid],
        profile: () => profileOf(exchange, token, openid),
      };
      return identity;
    },
  };

  async function tradeCode(exchange: Exchange, code: string): Promise<string> {
    const query = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: clientId,
      client_secret: clientSecret,
      code,
      redirect_uri: redirectUri,
      fmt: "json",
    });
    const answer = await exchange.send({
      step: "token",
      method: "GET",
      url: `${baseUrl}/oauth2.0/token?${query}`,
      repeatable: false,
    });
    const fields = readQqAnswer("token", answer);
    const error = errorNumber(fields, "error");
    if (error !== null) throw tokenError(error);
    return accessToken("token", fields);
  }

  async function whoIs(
    exchange: Exchange,
    token: string,
  ): Promise<{ openid: string; unionid: string | null }> {
    const ask = async (unionid: boolean) => {
      const query = new URLSearchParams({
        access_token: token,
        ...(unionid && { unionid: "1" }),
        fmt: "json",
      });
      const url = `${baseUrl}/oauth2.0/me?${query}`;
      return readQqAnswer("me", await exchange.send({ step: "me", method: "GET", url, repeatable: true }));
    };
    let fields = await ask(true);
    if (errorNumber(fields, "error") === 100048) fields = await ask(false);
    const error = errorNumber(fields, "error");
    if (error !== null) throw new ProviderTrouble("unexpected", `me: error ${error}`);
    const openid = identifier("me", fields, "openid", /^(?!UID_)[\w-]{1,64}$/);
    const { unionid } = fields;
    if (unionid === undefined || unionid === null || unionid === "") return { openid, unionid: null };
    return { openid, unionid: identifier("me", fields, "unionid", /^UID_[\w-]{1,64}$/) };
  }

  async function profileOf(exchange: Exchange, token: string, openid: string) {
    const query = new URLSearchParams({ access_token: token, oauth_consumer_key: clientId, openid });
    const url = `${baseUrl}/user/get_user_info?${query}`;
    const answer = await exchange.send({ step: "profile", method: "GET", url, repeatable: true });
    const fields = jsonObject("profile", answer);
    const ret = errorNumber(fields, "ret");
    if (ret !== 0) throw new ProviderTrouble("unexpected", `profile: ret ${shown(fields.ret)}`);
    return cleanProfile({
      nickname: fields.nickname,
      // _qq_1 is always there (40 px), _qq_2 (100 px) not for everyone.
      avatar: fields.figureurl_qq_2 || fields.figureurl_qq_1 || fields.figureurl_2,
    });
  }
}

/** JSON, JSONP or a query string, by what it looks like. The Content-Type is text/html for all of them. */
export function readQqAnswer(step: string, answer: UpstreamAnswer): Fields {
  const text = answer.text.trim();
  const wrapped = /^callback\s*\(\s*(\{[\s\S]*\})\s*\)\s*;?$/.exec(text);
  if (wrapped) return objectOf(step, wrapped[1]!, answer.status);
  if (/^[a-z_]+=[^<>]*$/i.test(text)) return Object.fromEntries(new URLSearchParams(text));
  return objectOf(step, text, answer.status);
}

// What the visitor can't have caused: a wrong APP ID, key, redirect address or an app that is not online.
const ourFault = new Set([
  100000, 100001, 100002, 100004, 100008, 100009, 100010, 100011, 100012, 100017, 100030, 100031,
]);

// QQ failed to get a token, a refresh token, the app's rights or the list of openids: its own trouble.
const qqFault = new Set([100021, 100022, 100023, 100024]);

/** 100018 to 100020 and their kin are about the code; everything outside 1000xx is the server itself. */
function tokenError(error: number): Error {
  if (ourFault.has(error)) return new ProviderTrouble("misconfigured", `token: error ${error}`);
  if (qqFault.has(error)) return new ProviderTrouble("unexpected", `token: error ${error}`);
  if (error >= 100000 && error <= 100099) return new CodeRefused(error);
  return new ProviderTrouble("unexpected", `token: error ${error}`);
}
