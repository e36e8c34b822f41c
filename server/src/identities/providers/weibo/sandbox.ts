import type { FastifyInstance, FastifyReply } from "fastify";
import type { Imitation, ImitationKit, Person } from "../imitation.ts";

export const imitation: Imitation = {
  switches: [
    { name: "types-swapped", zh: "数字与字符串互换", en: "Numbers as strings and back" },
    { name: "refused-401", zh: "code 错误时返回 401", en: "Bad code answered with 401" },
    {
      name: "test-mode",
      zh: "应用未审核，不是测试账号 (21321)",
      en: "Application not approved, not a test account (21321)",
    },
    { name: "revoke-refused", zh: "拒绝撤销授权", en: "Revocation refused" },
    { name: "revoke-down", zh: "撤销授权时故障", en: "Revocation fails" },
  ],
  stages: ["token", "profile"],
  pictureMarks: (person) => [String(uidOf(person))],
  routes,
};

/** Beyond 2^32, as today's are. */
export function uidOf({ number }: Person): number {
  return 6_363_938_840 + number;
}

/** Sina Weibo, answer for answer as recorded. The token endpoint reads a form or the query, never JSON. */
function routes(app: FastifyInstance, kit: ImitationKit): void {
  kit.consent({
    paths: ["/oauth2/authorize"],
    clientParameter: "client_id",
    codeForm: (bytes) => bytes.toString("hex"),
    onCancel: (reply, { redirectUri, state }) =>
      reply.redirect(
        kit.withQuery(redirectUri, {
          state,
          error_uri: "/oauth2/authorize",
          error: "access_denied",
          error_description: "user denied your request.",
          error_code: "21330",
        }),
      ),
    onMismatch: (reply, request) => kit.errorPage(reply, request, "error:redirect_uri_mismatch (21322)"),
  });

  app.post("/weibo/oauth2/access_token", async (request, reply) => {
    const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
    const sent = (isForm ? request.body : request.query) as Record<string, string | undefined>;
    const code = sent.code ?? "";
    const { grant, state } = kit.redeem(code);
    if (grant && (await kit.misbehave(reply, grant, "token"))) return reply;
    if (!sent.client_id || !sent.client_secret) {
      return fail(reply, 400, "invalid_request", 21323, "miss client id or secret");
    }
    if (grant?.chosen === "wrong-secret") {
      return fail(reply, 401, "invalid_client", 21324, "client_secret error.");
    }
    if (!grant || state !== "good" || grant.chosen === "refused-401") {
      const status = grant?.chosen === "refused-401" ? 401 : 400;
      return fail(reply, status, "invalid_grant", 21325, `invalid authorization code:${code}`);
    }
    if (sent.redirect_uri !== grant.redirectUri || sent.client_id !== grant.clientId) {
      return fail(reply, 400, "redirect_uri_mismatch", 21322, "redirect_uri mismatch");
    }
    const token = `2.00${code.slice(0, 28)}`;
    kit.issueToken(grant, token);
    const uid = grant.chosen === "zero-id" ? 0 : uidOf(grant.person);
    // Of an application that is not approved a token lives a day.
    const life = grant.chosen === "test-mode" ? 86400 : 157679999;
    return grant.chosen === "types-swapped"
      ? { access_token: token, remind_in: life, expires_in: String(life), uid, isRealName: true }
      : {
          access_token: token,
          remind_in: String(life),
          expires_in: life,
          uid: String(uid),
          isRealName: "true",
        };
  });

  app.post("/weibo/oauth2/revokeoauth2", (request, reply) => {
    const { access_token: token = "" } = (request.body ?? {}) as { access_token?: string };
    const grant = kit.byToken(token);
    const problem = { request: "/oauth2/revokeoauth2" };
    if (grant?.chosen === "revoke-down") return reply.code(500).type("text/html").send("<h1>500</h1>");
    if (grant?.chosen === "revoke-refused") {
      return reply.code(403).send({ ...problem, error: "insufficient permission", error_code: 10014 });
    }
    if (!grant) return reply.code(400).send({ ...problem, error: "invalid_access_token", error_code: 21332 });
    kit.dropToken(token);
    return { result: "true" };
  });

  app.get("/weibo/2/users/show.json", async (request, reply) => {
    const query = request.query as Record<string, string | undefined>;
    const bearer = /^OAuth2 (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const grant = kit.byToken(query.access_token ?? bearer ?? "");
    if (grant && (await kit.misbehave(reply, grant, "profile"))) return reply;
    const problem = { error: "invalid_access_token", error_code: 21332, request: "/2/users/show.json" };
    if (grant?.chosen === "test-mode") {
      const error = "applications over the unaudited use restrictions!";
      return reply.code(403).send({ ...problem, error, error_code: 21321 });
    }
    if (!grant || grant.chosen === "profile-error") return reply.code(403).send(problem);
    const { nickname, gender } = grant.person;
    const uid = uidOf(grant.person);
    if (query.uid !== String(uid)) {
      return reply.code(400).send({ ...problem, error: "User does not exists!", error_code: "20003" });
    }
    const swapped = grant.chosen === "types-swapped";
    return {
      id: swapped ? String(uid) : uid,
      ...(!swapped && { idstr: String(uid) }),
      screen_name: nickname,
      name: nickname,
      province: "11",
      city: "5",
      location: "北京 朝阳区",
      description: "人生五十年，乃如梦如幻；有生斯有死，壮士复何憾。",
      url: "",
      profile_image_url: `http://tp1.sinaimg.cn/${uid}/50/0/1`,
      domain: "",
      gender: gender === "男" ? "m" : "f",
      followers_count: 1204,
      created_at: "Fri Aug 28 00:00:00 +0800 2009",
      avatar_large: `http://tp1.sinaimg.cn/${uid}/180/0/1`,
      verified: false,
    };
  });
}

function fail(reply: FastifyReply, status: number, error: string, code: number, text: string): FastifyReply {
  return reply.code(status).send({
    error,
    error_code: code,
    request: "/oauth2/access_token",
    error_uri: "/oauth2/access_token",
    error_description: text,
  });
}
