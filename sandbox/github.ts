import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { consentRoutes, withQuery } from "./consent.ts";
import type { Grant, Grants } from "./grants.ts";
import { misbehave, type Stage } from "./switches.ts";

/** GitHub's OAuth apps: errors with status 200, a query string unless JSON is accepted, PKCE S256 checked. */
const errorDocs =
  "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/";

export function githubRoutes(app: FastifyInstance, grants: Grants, slowMillis: number): void {
  consentRoutes(app, grants, {
    provider: "github",
    title: { zh: "GitHub", en: "GitHub" },
    paths: ["/login/oauth/authorize"],
    clientParameter: "client_id",
    codeForm: (bytes) => bytes.toString("hex").slice(0, 20),
    onCancel: (reply, { redirectUri, state }) =>
      reply.redirect(
        withQuery(redirectUri, {
          error: "access_denied",
          error_description: "The user has denied your application access.",
          error_uri:
            "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/#access-denied",
          state,
        }),
      ),
    onMismatch: (reply, { redirectUri, state }) =>
      reply.redirect(
        withQuery(redirectUri, {
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
    const { grant, state } = grants.redeem("github", sent.code ?? "");
    if (grant && (await misbehave(reply, grant.chosen, "token", slowMillis))) return reply;
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
    if (!verifies(grant, sent.code_verifier)) return badCode();
    const token = `gho_${sent.code!.padEnd(36, "A")}`;
    grants.issueToken(grant, token);
    return send(request, reply, { access_token: token, scope: "user:email", token_type: "bearer" });
  });

  api(app, grants, slowMillis, "/user", "identity", ({ person, chosen }, reply) => {
    if (chosen === "profile-error") return reply.code(502).send({ message: "Server Error" });
    const { id, login, name } = person.github;
    return {
      login,
      id: chosen === "zero-id" ? 0 : id,
      node_id: "MDQ6VXNlcjE=",
      avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
      type: "User",
      site_admin: false,
      name,
      // What the person chose to show, verified or not.
      email: person.emails.find((entry) => !entry.verified)?.email ?? null,
    };
  });

  api(app, grants, slowMillis, "/user/emails", "profile", ({ person, chosen }, reply) => {
    if (chosen === "emails-refused") {
      return reply
        .code(404)
        .send({ message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" });
    }
    return person.emails.map((entry) => ({ ...entry, visibility: entry.primary ? "public" : null }));
  });
}

/** RFC 7636 section 4.6. A grant without a challenge wants no verifier. */
export function verifies(grant: Grant, verifier: string | undefined): boolean {
  if (grant.chosen === "wrong-verifier") return false;
  if (grant.challenge === null) return true;
  return (
    createHash("sha256")
      .update(verifier ?? "")
      .digest("base64url") === grant.challenge
  );
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Record<string, string>): FastifyReply {
  if (request.headers.accept?.includes("application/json")) return reply.send(answer);
  return reply
    .type("application/x-www-form-urlencoded; charset=utf-8")
    .send(new URLSearchParams(answer).toString());
}

function api(
  app: FastifyInstance,
  grants: Grants,
  slowMillis: number,
  path: string,
  stage: Stage,
  answer: (grant: Grant, reply: FastifyReply) => unknown,
): void {
  app.get(`/github-api${path}`, async (request, reply) => {
    if (!request.headers["user-agent"])
      return reply.code(403).send("Request forbidden by administrative rules.");
    const token = /^(?:Bearer|token) (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const grant = grants.byToken("github", token);
    if (!grant) {
      return reply.code(401).send({
        message: "Bad credentials",
        documentation_url: "https://docs.github.com/rest",
        status: "401",
      });
    }
    if (await misbehave(reply, grant.chosen, stage, slowMillis)) return reply;
    return answer(grant, reply);
  });
}
