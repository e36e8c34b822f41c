import type { FastifyInstance, FastifyReply } from "fastify";
import type { Grant, Imitation, ImitationKit, Person } from "../imitation.ts";

export const imitation: Imitation = {
  switches: [
    { name: "jsonp-compact", zh: "JSONP 没有空格和换行", en: "JSONP without spaces and newline" },
    { name: "fmt-ignored", zh: "忽略 fmt=json", en: "fmt=json ignored" },
    { name: "no-unionid", zh: "没有 unionid", en: "No unionid" },
    { name: "unionid-refused", zh: "unionid 未授权 (100048)", en: "unionid not granted (100048)" },
  ],
  stages: ["token", "identity", "profile"],
  pictureMarks: ({ id }) => [id],
  routes,
};

/** Both keys of a person, in the form of real ones. */
export function identityOf({ number }: Person): { readonly openid: string; readonly unionid: string } {
  const digit = number.toString(16).toUpperCase();
  return {
    openid: `5B0CB916D4A9BDB5D838A3F66AC0B68${digit}`,
    unionid: `UID_CAE5B3A01604A9F7B709D3BF934E7AA${digit}`,
  };
}

/**
 * QQ Connect, answer for answer as recorded: errors are JSONP with status 200 and a newline, a token is a
 * query string unless fmt=json is asked for (then expires_in is a string), and everything is text/html.
 */
const upperHex = (bytes: Buffer) => bytes.toString("hex").toUpperCase();

function routes(app: FastifyInstance, kit: ImitationKit): void {
  kit.consent({
    paths: ["/oauth2.0/show", "/oauth2.0/authorize"],
    clientParameter: "client_id",
    codeForm: upperHex,
    // On a computer the real window just closes and nothing comes back; in a phone's browser this does (from the SDKs,
    // not documented for sites).
    onCancel: (reply, request) => {
      const { phone, redirectUri, state } = request;
      if (phone) return reply.redirect(kit.withQuery(redirectUri, { usercancel: "1", state }));
      return kit.errorPage(
        reply,
        request,
        request.language === "zh"
          ? "已取消。真正的 QQ 此时只关闭窗口，不会跳回网站。"
          : "Cancelled. The real QQ only closes its window and never returns to the site.",
      );
    },
    onMismatch: (reply, request) => kit.errorPage(reply, request, "redirect uri is illegal(100010)"),
  });

  app.get("/qq/oauth2.0/token", async (request, reply) => {
    const query = request.query as Record<string, string | undefined>;
    const { grant, state } = kit.redeem(query.code ?? "");
    if (grant && (await kit.misbehave(reply, grant, "token"))) return reply;
    const json = honoursFmt(query.fmt, grant);
    const fail = (error: number, text: string) =>
      send(reply, json, grant, { error, error_description: text });
    if (!query.client_id) return fail(100001, "param client_id is wrong or lost");
    if (!query.client_secret) return fail(100002, "param client_secret is wrong or lost");
    if (grant?.chosen === "wrong-secret") return fail(100009, "client secret is illegal");
    if (!grant || state === "unknown") return fail(100019, "code to access token error");
    if (state === "used") return fail(100020, "code is reused error");
    if (state === "expired") return fail(100019, "code to access token error");
    if (query.client_id !== grant.clientId) return fail(100017, "appid check failed");
    if (query.redirect_uri !== grant.redirectUri) return fail(100010, "redirect uri is illegal");
    const token = upperHex(Buffer.from(query.code!.slice(0, 16)));
    kit.issueToken(grant, token);
    const answer = {
      access_token: token,
      expires_in: "7776000",
      refresh_token: token.split("").reverse().join(""),
    };
    reply.type("text/html");
    return json ? JSON.stringify(answer) : new URLSearchParams(answer).toString();
  });

  app.get("/qq/oauth2.0/me", async (request, reply) => {
    const query = request.query as Record<string, string | undefined>;
    const grant = kit.byToken(query.access_token ?? "");
    if (grant && (await kit.misbehave(reply, grant, "identity"))) return reply;
    const json = honoursFmt(query.fmt, grant);
    if (!grant) {
      return send(reply, json, null, { error: 100016, error_description: "access token check failed" });
    }
    if (query.unionid === "1" && grant.chosen === "unionid-refused") {
      return send(reply, json, grant, { error: 100048, error_description: "companyid not set" });
    }
    const { openid, unionid } = identityOf(grant.person);
    const shows = query.unionid === "1" && grant.chosen !== "no-unionid";
    return send(reply, json, grant, {
      client_id: grant.clientId,
      openid: grant.chosen === "zero-id" ? 0 : openid,
      ...(shows && { unionid }),
    });
  });

  app.get("/qq/user/get_user_info", async (request, reply) => {
    const query = request.query as Record<string, string | undefined>;
    const grant = kit.byToken(query.access_token ?? "");
    if (grant && (await kit.misbehave(reply, grant, "profile"))) return reply;
    reply.type("text/html; charset=utf-8");
    if (!grant || query.openid !== identityOf(grant.person).openid || grant.chosen === "profile-error") {
      return JSON.stringify({ ret: -1, msg: "client request's parameters are invalid, invalid openid" });
    }
    return JSON.stringify(userInfo(grant)).replaceAll("/", "\\/");
  });
}

/** JSONP is only sent where JSON was not, so the switch about its form leaves fmt=json unheard as well. */
function honoursFmt(fmt: string | undefined, grant: Grant | null): boolean {
  return fmt === "json" && grant?.chosen !== "fmt-ignored" && grant?.chosen !== "jsonp-compact";
}

function send(reply: FastifyReply, json: boolean, grant: Grant | null, answer: object): string {
  reply.type("text/html");
  const text = JSON.stringify(answer);
  if (json) return text;
  return grant?.chosen === "jsonp-compact" ? `callback(${text})` : `callback( ${text} );\n`;
}

function userInfo({ person, clientId }: Grant): object {
  const zone = `http://qzapp.qlogo.cn/qzapp/${clientId}/${identityOf(person).openid}`;
  const picture = (size: number) => `http://thirdqq.qlogo.cn/g?b=oidb&k=${person.id}&s=${size}&t=1557635654`;
  return {
    ret: 0,
    msg: "",
    is_lost: 0,
    nickname: person.nickname,
    gender: person.gender,
    gender_type: person.gender === "男" ? 1 : 2,
    province: "",
    city: "安道尔城",
    year: "1968",
    constellation: "",
    figureurl: `${zone}/30`,
    figureurl_1: `${zone}/50`,
    figureurl_2: `${zone}/100`,
    figureurl_qq_1: picture(40),
    figureurl_qq_2: picture(100),
    figureurl_qq: picture(640),
    figureurl_type: "1",
    is_yellow_vip: "0",
    vip: "0",
    yellow_vip_level: "0",
    level: "0",
    is_yellow_year_vip: "0",
  };
}
