import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { createSigner } from "fast-jwt";
import type { FastifyInstance, FastifyReply } from "fastify";
import { epochSeconds, systemClock } from "../../../kernel/clock.ts";
import type { Grant, Imitation, ImitationKit, Person } from "../imitation.ts";
import { appleIssuer } from "./client-secret.ts";
import { sandboxKey, sandboxTeam } from "./sandbox-key.ts";

export const imitation: Imitation = {
  switches: [
    { name: "wrong-verifier", zh: "PKCE 校验失败", en: "PKCE verifier refused" },
    { name: "wrong-nonce", zh: "nonce 不符", en: "Wrong nonce" },
    { name: "wrong-issuer", zh: "令牌由别的签发者签发", en: "Token of another issuer" },
    { name: "wrong-audience", zh: "令牌发给了别的应用", en: "Token for another client" },
    { name: "token-expired", zh: "身份令牌已过期", en: "ID token expired" },
    { name: "wrong-signature", zh: "签名错误", en: "Wrong signature" },
    { name: "hidden-address", zh: "隐藏邮件地址", en: "Hide my e-mail" },
    { name: "revoke-refused", zh: "拒绝撤销授权", en: "Revocation refused" },
    { name: "revoke-down", zh: "撤销授权时故障", en: "Revocation fails" },
  ],
  stages: ["token"],
  pictureMarks: () => [],
  routes,
};

/** In the form of Apple's: three parts between dots. */
export function subOf({ number }: Person): string {
  const middle = createHash("sha256").update(`person ${number}`).digest("hex").slice(0, 32);
  return `${String(1000 + number).padStart(6, "0")}.${middle}.0${number}00`;
}

/** Half a year, the longest life of a client secret. */
const longestLife = 15_777_000;

/** Apple's ID service. Beside it `/apple/sandbox/tokens`, by which one sees what is left of what was granted. */
function routes(app: FastifyInstance, kit: ImitationKit): void {
  const granted = new Map<string, Grant>();
  /** Who agreed once: their name is not told again, until what they granted is revoked. */
  const known = new Set<string>();
  kit.consent({
    paths: ["/auth/authorize"],
    clientParameter: "client_id",
    codeForm: (bytes) => `c${bytes.toString("hex")}.0.s.${bytes.toString("base64url").slice(0, 22)}`,
    formOf(person): Record<string, string> {
      if (known.has(person.id)) return {};
      known.add(person.id);
      const email = addressOf(person).email;
      const name = person.hasName ? { firstName: person.nickname, lastName: "" } : undefined;
      return { user: JSON.stringify({ ...(name && { name }), email }) };
    },
    onCancel: (reply, request) =>
      kit.postBack(reply, request, { error: "user_cancelled_authorize", state: request.state }),
    onMismatch: (reply, request) =>
      kit.errorPage(reply, request, "invalid_request: Invalid web redirect url."),
  });

  const keys = lateKeys();
  app.get("/apple/auth/keys", () => ({ keys: [keys().signing.jwk] }));

  app.post("/apple/auth/token", async (request, reply) => {
    const sent = (request.body ?? {}) as Record<string, string | undefined>;
    const { grant, state } = kit.redeem(sent.code ?? "");
    if (grant && (await kit.misbehave(reply, grant, "token"))) return reply;
    if (!isClient(sent) || grant?.chosen === "wrong-secret") return fail(reply, "invalid_client");
    const isGood = grant && state === "good" && sent.client_id === grant.clientId;
    if (!isGood || sent.redirect_uri !== grant.redirectUri || !kit.verifies(grant, sent.code_verifier)) {
      return fail(reply, "invalid_grant", "The code has expired or has been revoked.");
    }
    const refreshToken = `r${sent.code!.slice(1)}`;
    granted.set(refreshToken, grant);
    return reply.header("cache-control", "no-store").send({
      access_token: `a${sent.code!.slice(1)}`,
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: refreshToken,
      id_token: idToken(grant, keys()),
    });
  });

  app.post("/apple/auth/revoke", (request, reply) => {
    const sent = (request.body ?? {}) as Record<string, string | undefined>;
    if (!isClient(sent)) return fail(reply, "invalid_client");
    const grant = granted.get(sent.token ?? "");
    if (grant?.chosen === "revoke-down") return reply.code(503).type("text/html").send("<h1>503</h1>");
    if (grant?.chosen === "revoke-refused" || sent.token_type_hint !== "refresh_token") {
      return fail(reply, "invalid_request");
    }
    // Also of one that nobody knows, or that was revoked.
    if (grant) known.delete(grant.person.id);
    granted.delete(sent.token ?? "");
    return reply.code(200).send();
  });

  app.post("/apple/sandbox/tokens", (request) => {
    const { token = "" } = (request.body ?? {}) as { token?: string };
    return { active: granted.has(token) };
  });
}

function fail(reply: FastifyReply, error: string, text?: string): FastifyReply {
  return reply.code(400).send({ error, ...(text !== undefined && { error_description: text }) });
}

/** Whether the secret is a JWT as Apple wants one, by the key that the sandbox knows. */
function isClient({
  client_id: id,
  client_secret: secret = "",
}: Record<string, string | undefined>): boolean {
  const [head = "", body = "", signature = ""] = secret.split(".");
  const [header, claims] = [head, body].map(partOf);
  const now = epochSeconds(systemClock);
  const life = Number(claims?.exp) - now;
  const isRight =
    header?.alg === "ES256" &&
    header.kid === sandboxTeam.keyId &&
    claims?.iss === sandboxTeam.teamId &&
    claims.aud === appleIssuer &&
    claims.sub === id &&
    Number(claims.iat) <= now + 60 &&
    life > 0 &&
    life <= longestLife;
  const key = { key: createPublicKey(sandboxKey()), dsaEncoding: "ieee-p1363" } as const;
  return (
    isRight && verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))
  );
}

function partOf(part: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(Buffer.from(part, "base64url").toString()) as object) };
  } catch {
    return {};
  }
}

type Keys = ReturnType<ReturnType<typeof lateKeys>>;

function idToken({ chosen, person, clientId, nonce }: Grant, { signing, foreign }: Keys): string {
  const sign = createSigner({
    algorithm: "RS256",
    key: chosen === "wrong-signature" ? foreign.pem : signing.pem,
    kid: signing.jwk.kid,
    expiresIn: 86_400_000,
    ...(chosen === "token-expired" && { clockTimestamp: Date.UTC(2020, 0, 1) }),
  });
  const shown = chosen === "wrong-nonce" ? "another" : nonce;
  return sign({
    iss: chosen === "wrong-issuer" ? "https://issuer.example" : appleIssuer,
    sub: chosen === "zero-id" ? "" : subOf(person),
    aud: chosen === "wrong-audience" ? "another-client" : clientId,
    ...(shown !== null && { nonce: shown, nonce_supported: true }),
    ...addressOf(person, chosen === "hidden-address"),
    real_user_status: 2,
  });
}

/** A person without an address hides theirs, too: everybody at Apple has one. */
function addressOf({ id, emails }: Person, isHidden = false): Readonly<Record<string, unknown>> {
  const own = emails.find(({ primary }) => primary);
  if (own === undefined || isHidden) {
    // Booleans come as strings, which Apple documents.
    return { email: `${id}@privaterelay.appleid.com`, email_verified: "true", is_private_email: "true" };
  }
  return { email: own.email, email_verified: own.verified };
}

/** RSA takes a moment: the keys are made when the first is asked for. */
function lateKeys() {
  let made: { readonly signing: ReturnType<typeof newKey>; readonly foreign: ReturnType<typeof newKey> };
  return () => {
    made ??= { signing: newKey(), foreign: newKey() };
    return made;
  };
}

function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "sandbox" };
  return { pem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), jwk };
}
