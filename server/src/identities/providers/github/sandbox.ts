import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Grant, Imitation, ImitationKit, Person, Stage } from "../imitation.ts";

export const imitation: Imitation = {
  switches: [
    { name: "wrong-verifier", zh: "PKCE 校验失败", en: "PKCE verifier refused" },
    { name: "emails-refused", zh: "邮箱接口 404", en: "E-mail list answered with 404" },
    { name: "revoke-refused", zh: "拒绝撤销授权", en: "Revocation refused" },
    { name: "revoke-down", zh: "撤销授权时故障", en: "Revocation fails" },
  ],
  stages: ["token", "identity", "profile"],
  pictureMarks: (person) => [String(idOf(person))],
  routes,
};

export function idOf({ number }: Person): number {
  return 583_230 + number;
}

/** GitHub's OAuth apps: errors with status 200, a query string unless JSON is accepted, PKCE S256 checked. */
const errorDocs =
  "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/";

function routes(app: FastifyInstance, kit: ImitationKit): void {
  kit.consent({
    paths: ["/login/oauth/authorize"],
    clientParameter: "client_id",
    codeForm: (bytes) => bytes.toString("hex").slice(0, 20),
    onCancel: (reply, { redirectUri, state }) =>
      reply.redirect(
        kit.withQuery(redirectUri, {
          error: "access_denied",
          error_description: "The user has denied your application access.",
          error_uri:
            "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/#access-denied",
          state,
        }),
      ),
    onMismatch: (reply, { redirectUri, state }) =>
      reply.redirect(
        kit.withQuery(redirectUri, {
          error: "redirect_uri_mismatch",
          error_description: "The redirect_uri MUST match the registered callback URL for this application.",
          error_uri:
            "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/#redirect-uri-mismatch",
          state,
        }),
      ),
  });

  app.post("/github/login/oauth/access_token", async (request, reply) => {
    const sent = (request.body ?? {}) as Record<string, string | undefined>;
    const { grant, state } = kit.redeem(sent.code ?? "");
    if (grant && (await kit.misbehave(reply, grant, "token"))) return reply;
    const fail = (error: string, text: string, anchor: string) =>
      send(request, reply, { error, error_description: text, error_uri: `${errorDocs}#${anchor}` });
    if (!sent.client_id || !sent.client_secret || grant?.chosen === "wrong-secret") {
      return fail(
        "incorrect_client_credentials",
        "The client_id and/or client_secret passed are incorrect.",
        "incorrect-client-credentials",
      );
    }
    const badCode = () =>
      fail("bad_verification_code", "The code passed is incorrect or expired.", "bad-verification-code");
    if (!grant || state !== "good") return badCode();
    if (sent.redirect_uri !== undefined && sent.redirect_uri !== grant.redirectUri) {
      return fail(
        "redirect_uri_mismatch",
        "The redirect_uri MUST match the registered callback URL for this application.",
        "redirect-uri-mismatch2",
      );
    }
    if (!kit.verifies(grant, sent.code_verifier)) return badCode();
    const token = `gho_${sent.code!.padEnd(36, "A")}`;
    kit.issueToken(grant, token);
    return send(request, reply, { access_token: token, scope: "user:email", token_type: "bearer" });
  });

  app.delete("/github-api/applications/:client/grant", async (request, reply) => {
    const { client } = request.params as { client: string };
    const [id, secret] = Buffer.from(
      /^Basic (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "",
      "base64",
    )
      .toString()
      .split(":");
    const token = (request.body as { access_token?: string } | null)?.access_token ?? "";
    const grant = kit.byToken(token);
    if (id !== client || !secret || grant?.chosen === "revoke-refused") {
      return reply.code(401).send({ message: "Bad credentials", status: "401" });
    }
    if (grant?.chosen === "revoke-down") return reply.code(500).type("text/html").send("<h1>Unicorn!</h1>");
    if (!grant) return reply.code(404).send({ message: "Not Found", status: "404" });
    kit.dropToken(token);
    return reply.code(204).send();
  });

  api(app, kit, "/user", "identity", ({ person, chosen }, reply) => {
    if (chosen === "profile-error") return reply.code(502).send({ message: "Server Error" });
    const id = idOf(person);
    return {
      login: `sandbox-${person.id}`,
      id: chosen === "zero-id" ? 0 : id,
      node_id: "MDQ6VXNlcjE=",
      avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
      type: "User",
      site_admin: false,
      name: person.hasName ? person.nickname : null,
      // What the person chose to show, verified or not.
      email: person.emails.find((entry) => !entry.verified)?.email ?? null,
    };
  });

  api(app, kit, "/user/emails", "profile", ({ person, chosen }, reply) => {
    if (chosen === "emails-refused") {
      return reply
        .code(404)
        .send({ message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" });
    }
    return person.emails.map((entry) => ({ ...entry, visibility: entry.primary ? "public" : null }));
  });
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Record<string, string>): FastifyReply {
  if (request.headers.accept?.includes("application/json")) return reply.send(answer);
  return reply
    .type("application/x-www-form-urlencoded; charset=utf-8")
    .send(new URLSearchParams(answer).toString());
}

function api(
  app: FastifyInstance,
  kit: ImitationKit,
  path: string,
  stage: Stage,
  answer: (grant: Grant, reply: FastifyReply) => unknown,
): void {
  app.get(`/github-api${path}`, async (request, reply) => {
    if (!request.headers["user-agent"])
      return reply.code(403).send("Request forbidden by administrative rules.");
    const token = /^(?:Bearer|token) (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const grant = kit.byToken(token);
    if (!grant) {
      return reply.code(401).send({
        message: "Bad credentials",
        documentation_url: "https://docs.github.com/rest",
        status: "401",
      });
    }
    if (await kit.misbehave(reply, grant, stage)) return reply;
    return answer(grant, reply);
  });
}
