import { generateKeyPairSync } from "node:crypto";
import { createSigner } from "fast-jwt";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { epochSeconds, systemClock } from "../../../kernel/clock.ts";
import type { Grant, Imitation, ImitationKit } from "../imitation.ts";

export const imitation: Imitation = {
  switches: [
    { name: "wrong-verifier", zh: "PKCE 校验失败", en: "PKCE verifier refused" },
    { name: "wrong-nonce", zh: "nonce 不符", en: "Wrong nonce" },
    { name: "wrong-issuer", zh: "令牌由别的签发者签发", en: "Token of another issuer" },
    { name: "wrong-audience", zh: "令牌发给了别的应用", en: "Token for another client" },
    { name: "token-expired", zh: "身份令牌已过期", en: "ID token expired" },
    { name: "old-log-in", zh: "没有重新登录", en: "No new log-in" },
    { name: "revoke-refused", zh: "拒绝撤销授权", en: "Revocation refused" },
    { name: "revoke-down", zh: "撤销授权时故障", en: "Revocation fails" },
    { name: "wrong-signature", zh: "签名错误", en: "Wrong signature" },
  ],
  stages: ["token", "profile"],
  pictureMarks: ({ id }) => [id],
  routes,
};

/** A small OpenID Connect issuer (Core 1.0, Discovery 1.0), its keys made anew at each start. */
function routes(app: FastifyInstance, kit: ImitationKit): void {
  const [signing, foreign] = [newKey(), newKey()];
  const granted = new Map<string, string>();
  kit.consent({
    paths: ["/authorize"],
    clientParameter: "client_id",
    codeForm: (bytes) => bytes.toString("base64url"),
    onCancel: (reply, { redirectUri, state }) =>
      reply.redirect(kit.withQuery(redirectUri, { error: "access_denied", state })),
    onMismatch: (reply, request) => kit.errorPage(reply, request, "invalid redirect_uri"),
  });

  app.get("/oidc/.well-known/openid-configuration", (request) => {
    const issuer = issuerOf(request);
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      revocation_endpoint: `${issuer}/revoke`,
      introspection_endpoint: `${issuer}/introspect`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["ES256"],
      code_challenge_methods_supported: ["S256"],
    };
  });
  app.get("/oidc/jwks", () => ({ keys: [signing.jwk] }));

  app.post("/oidc/token", async (request, reply) => {
    const sent = (request.body ?? {}) as Record<string, string | undefined>;
    const { grant, state } = kit.redeem(sent.code ?? "");
    if (grant && (await kit.misbehave(reply, grant, "token"))) return reply;
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const sentId = basic
      ? decodeURIComponent(Buffer.from(basic, "base64").toString().split(":")[0]!)
      : sent.client_id;
    if (!sentId || grant?.chosen === "wrong-secret") return reply.code(401).send({ error: "invalid_client" });
    const isGood = grant && state === "good" && sentId === grant.clientId;
    if (!isGood || sent.redirect_uri !== grant.redirectUri || !kit.verifies(grant, sent.code_verifier)) {
      return reply.code(400).send({ error: "invalid_grant" });
    }
    const token = `oidc-${sent.code}`;
    kit.issueToken(grant, token);
    const { chosen, person } = grant;
    const refreshToken = `oidc-refresh-${sent.code}`;
    granted.set(refreshToken, chosen);
    const { pem, jwk } = chosen === "wrong-signature" ? { ...foreign, jwk: signing.jwk } : signing;
    const sign = createSigner({
      algorithm: "ES256",
      key: pem,
      kid: jwk.kid,
      expiresIn: 300_000,
      ...(chosen === "token-expired" && { clockTimestamp: Date.UTC(2020, 0, 1) }),
    });
    const nonce = chosen === "wrong-nonce" ? "another" : grant.nonce;
    return reply.header("cache-control", "no-store").send({
      access_token: token,
      token_type: "Bearer",
      expires_in: 300,
      refresh_token: refreshToken,
      id_token: sign({
        iss: chosen === "wrong-issuer" ? "https://issuer.example" : issuerOf(request),
        sub: chosen === "zero-id" ? "" : person.id,
        aud: chosen === "wrong-audience" ? "another-client" : grant.clientId,
        // As issuers do that asked for a second factor (RFC 8176), for MFA_TRUST_PROVIDERS=oidc:amr=mfa.
        ...{ amr: ["pwd", "otp", "mfa"], acr: "urn:sandbox:two-factors" },
        ...(nonce !== null && { nonce }),
        ...(grant.isFresh && { auth_time: epochSeconds(systemClock) - (chosen === "old-log-in" ? 3600 : 0) }),
      }),
    });
  });

  revocation(app, granted);

  app.get("/oidc/userinfo", async (request, reply) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const grant = kit.byToken(token);
    if (grant && (await kit.misbehave(reply, grant, "profile"))) return reply;
    if (!grant || grant.chosen === "profile-error") return refuse(reply);
    return userinfo(grant);
  });
}

/** Token Revocation (RFC 7009), and Introspection (RFC 7662), by which one sees what is left. */
function revocation(app: FastifyInstance, granted: Map<string, string>): void {
  app.post("/oidc/revoke", (request, reply) => {
    const { token = "" } = (request.body ?? {}) as { token?: string };
    const chosen = granted.get(token);
    if (chosen === "revoke-refused") return reply.code(400).send({ error: "unsupported_token_type" });
    if (chosen === "revoke-down") return reply.code(503).send("down");
    // Also of one that nobody knows (section 2.2).
    granted.delete(token);
    return reply.code(200).send();
  });
  app.post("/oidc/introspect", (request) => {
    const { token = "" } = (request.body ?? {}) as { token?: string };
    return { active: granted.has(token) };
  });
}

function refuse(reply: FastifyReply): FastifyReply {
  return reply
    .code(401)
    .header("www-authenticate", 'Bearer error="invalid_token"')
    .send({ error: "invalid_token" });
}

function userinfo({ person }: Grant): object {
  const email = person.emails.find(({ primary }) => primary);
  return {
    sub: person.id,
    name: person.nickname,
    picture: `https://sandbox.invalid/${person.id}.png`,
    ...(email && { email: email.email, email_verified: email.verified }),
  };
}

function issuerOf(request: FastifyRequest): string {
  return `http://${request.headers.host}/oidc`;
}

function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...publicKey.export({ format: "jwk" }), alg: "ES256", use: "sig", kid: "sandbox" };
  return { pem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), jwk };
}
