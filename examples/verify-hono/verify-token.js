import { createLocalJWKSet, errors, jwtVerify } from "jose";

/**
 * Who calls this service, by the access token of Meiduo Accounts and without asking there. By `jwks`, the address of its
 * public keys (`/.well-known/jwks.json`), or by `secretKey`, which is its SECRET_KEY.
 *
 * What this can't see: a session that was ended. Its last access token is good here until it expires, after 15 minutes
 * where the client asked for refresh tokens. Where that is too long, ask the account server (../express-api).
 */
function createVerifier({ jwks, secretKey, algorithm, issuer, audience, cooldownSeconds = 30 }) {
  // An empty key would be everybody's.
  if (!jwks === !secretKey) throw new Error("set ACCOUNTS_JWKS or SECRET_KEY");
  const key = jwks ? keySet(jwks, cooldownSeconds) : new TextEncoder().encode(secretKey);
  const options = {
    // Ours to say and never the token's: `none`, or HS256 under a public key, is nobody's token.
    algorithms: [algorithm ?? (jwks ? "ES256" : "HS256")],
    requiredClaims: ["exp", "user_id", "username"],
    clockTolerance: 30,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };

  /** Null without a good token; rejects where the public keys can't be fetched, which is nobody's bad token. */
  return async function userOf(authorization = "") {
    const [, token] = /^(?:jwt|bearer) +(\S+)$/i.exec(authorization) ?? [];
    if (token === undefined) return null;
    const claims = await jwtVerify(token, key, options).then(
      ({ payload }) => payload,
      (error) => {
        if (badToken.some((kind) => error instanceof kind)) return null;
        throw error;
      },
    );
    // A refresh token is none, and a token for somebody else is not for us.
    if (claims?.token_type !== "access" || (audience === undefined && claims.aud !== undefined)) return null;
    return { id: Number(claims.user_id), username: claims.username, session: claims.sid };
  };
}

const badToken = [
  ...[errors.JWSInvalid, errors.JWSSignatureVerificationFailed, errors.JWTInvalid, errors.JWTExpired],
  ...[errors.JWTClaimValidationFailed, errors.JOSEAlgNotAllowed, errors.JOSENotSupported],
  errors.JWKSNoMatchingKey,
];

const [maxAge, maxStale] = [300_000, 3_600_000];

/**
 * The public keys at an address, kept for five minutes; for an hour where there is no answer. An unknown kid has them
 * fetched again, once in `cooldownSeconds`, however many are shown. jose's own set would fetch each time while it fails.
 */
function keySet(address, cooldownSeconds) {
  let keyOf;
  let kids = new Set();
  let [fetched, tried] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let fetching = null;
  const isPast = (since, millis) => performance.now() - since >= millis;

  async function fetchKeys() {
    const answer = await fetch(address, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
    const set = await answer.json();
    keyOf = createLocalJWKSet(set);
    kids = new Set(set.keys.map(({ kid }) => kid));
    fetched = performance.now();
  }

  return async (header, token) => {
    if (typeof header.kid !== "string") throw new errors.JWSInvalid("the token names no key");
    if (!kids.has(header.kid) || isPast(fetched, maxAge)) {
      if (fetching === null && isPast(tried, cooldownSeconds * 1000)) {
        tried = performance.now();
        fetching = fetchKeys().catch(console.error);
        fetching.finally(() => {
          fetching = null;
        });
      }
      await fetching;
    }
    if (isPast(fetched, maxStale)) throw new Error("the public keys can't be fetched");
    return keyOf(header, token);
  };
}

/** As the environment says; the names are those of every example here. */
export function verifierOfEnvironment(env = process.env) {
  return createVerifier({
    jwks: env.ACCOUNTS_JWKS,
    secretKey: env.SECRET_KEY,
    algorithm: env.TOKEN_ALGORITHM,
    issuer: env.TOKEN_ISSUER,
    audience: env.TOKEN_AUDIENCE,
    cooldownSeconds: Number(env.JWKS_COOLDOWN ?? 30),
  });
}

/** What clients renew their token on. */
export const refusal = { detail: "Log in first.", code: "token_not_valid" };
