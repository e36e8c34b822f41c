import type { FastifyInstance, FastifyReply } from "fastify";
import type { Imitation, ImitationKit, Person } from "../imitation.ts";

export const imitation: Imitation = {
  switches: [{ name: "no-unionid", zh: "没有 unionid", en: "No unionid" }],
  stages: ["token", "profile"],
  pictureMarks: ({ id }) => [id],
  routes,
};

/** Both keys of a person, in the form of real ones. */
export function identityOf({ number }: Person): { readonly openid: string; readonly unionid: string } {
  const digit = number.toString(16).toUpperCase();
  return { openid: `oNQ_0s7Q7iXNUmh5A0ZCJ0Zvxvq${digit}`, unionid: `oR5GjjgEhCMJFyzaVZdrxZ2zRRF${digit}` };
}

/** WeChat's website log-in: everything is status 200 and text/plain without a charset. */
function routes(app: FastifyInstance, kit: ImitationKit): void {
  kit.consent({
    paths: ["/connect/qrconnect"],
    clientParameter: "appid",
    codeForm: (bytes) => bytes.toString("hex"),
    // As the older document says: back to the site with nothing but the state.
    onCancel: (reply, { redirectUri, state }) => reply.redirect(kit.withQuery(redirectUri, { state })),
    onMismatch: (reply, request) => kit.errorPage(reply, request, "redirect_uri 参数错误"),
  });

  app.get("/wechat-api/sns/oauth2/access_token", async (request, reply) => {
    const query = request.query as Record<string, string | undefined>;
    const { grant, state } = kit.redeem(query.code ?? "");
    if (grant && (await kit.misbehave(reply, grant, "token"))) return reply;
    if (!query.appid) return fail(reply, 40013, "invalid appid");
    if (!query.secret || grant?.chosen === "wrong-secret") return fail(reply, 40125, "invalid appsecret");
    if (!query.code) return fail(reply, 41008, "missing code");
    if (!grant || state === "unknown") return fail(reply, 40029, "invalid code");
    if (state === "used") return fail(reply, 40163, "code been used");
    if (state === "expired") return fail(reply, 42003, "code expired");
    const token = `${grant.person.id}_${query.code}`;
    kit.issueToken(grant, token);
    const { openid, unionid } = identityOf(grant.person);
    return plain(reply, {
      access_token: token,
      expires_in: 7200,
      refresh_token: `refresh_${query.code}`,
      openid: grant.chosen === "zero-id" ? 0 : openid,
      scope: "snsapi_login",
      ...(grant.chosen !== "no-unionid" && { unionid }),
    });
  });

  app.get("/wechat-api/sns/userinfo", async (request, reply) => {
    const query = request.query as Record<string, string | undefined>;
    const grant = kit.byToken(query.access_token ?? "");
    if (grant && (await kit.misbehave(reply, grant, "profile"))) return reply;
    if (!grant || grant.chosen === "profile-error") return fail(reply, 40001, "invalid credential");
    const { openid, unionid } = identityOf(grant.person);
    if (query.openid !== openid) return fail(reply, 40003, "invalid openid");
    return plain(reply, {
      openid,
      nickname: grant.person.nickname,
      sex: grant.person.gender === "男" ? 1 : 2,
      language: "zh_CN",
      city: "",
      province: "",
      country: "",
      headimgurl: `https://thirdwx.qlogo.cn/mmopen/vi_32/${grant.person.id}/132`,
      privilege: [],
      ...(grant.chosen !== "no-unionid" && { unionid }),
    });
  });
}

function plain(reply: FastifyReply, answer: object): FastifyReply {
  // A Buffer keeps Fastify from adding a charset.
  return reply.header("content-type", "text/plain").send(Buffer.from(JSON.stringify(answer)));
}

function fail(reply: FastifyReply, errcode: number, text: string): FastifyReply {
  return plain(reply, { errcode, errmsg: `${text}, rid: 6538ac7d-18c7e09b-572e68c3` });
}
