/**
 * Whether a well-signed token says that it is something else than an access token for us. Who shares SECRET_KEY signs
 * more with it than access tokens: refresh tokens, links of mails, log-out tokens (attack: one of those shown here, RFC
 * 8725 sections 2.8, 3.11 and 3.12; guard: token-kinds.test.ts). Strict with what exists to say a token's kind, lenient
 * with names that a site's own data may have.
 */

type Members = Readonly<Record<string, unknown>>;

/** Claims whose one use is to name the kind: drf-simplejwt, Keycloak, Cognito, and those of a site's own. */
const kindClaims = ["token_type", "typ", "token_use", "token_kind", "purpose", "token_purpose"];
const accessKinds = ["access", "access_token", "bearer", "jwt"];

/**
 * Ordinary data elsewhere (`type: "vip"`), a kind in flask-jwt-extended and in home-made links. `scope` as well: an
 * OAuth access token for somebody in particular has `aud`.
 */
const looseClaims = ["type", "kind", "use", "usage", "action", "intent", "scope", "scopes", "scp"];
/** With true they say what the token is; with anything else they may be a site's data. */
const flagClaims = ["refresh", "is_refresh", "logout", "reset_password", "password_reset", "verify_email"];
const otherKinds =
  /(?:^|[^a-z]|e?mail|password|account)(?:refresh|sliding|id[_-]?token|log[_-]?out|reset[a-z]*|verify|verification|confirm|confirmation|activate|activation|invite|invitation|unsubscribe|magic[_-]?link|t?otp|mfa|2fa|recovery|download)(?![a-z])/;

/**
 * Of ID tokens (OpenID Connect Core 2, 3.3.2.11), of security events and log-out tokens (RFC 8417), and of tokens
 * bound to a key, of which we would ask no proof (RFC 7800).
 */
const foreignClaims = ["nonce", "at_hash", "c_hash", "s_hash", "cnf"];

/** The name of what says so, for the log; null for an access token. */
export function otherKind(header: Members, claims: Members): string | null {
  return otherHeader(header) ?? otherClaim(claims);
}

function otherHeader(header: Members): string | null {
  const { typ } = header;
  // `at+jwt` (RFC 9068) too: it is for the audience that it names, and there is none here.
  const isJwt = typeof typ === "string" && /^(?:application\/)?jwt$/i.test(typ);
  if (typ !== undefined && !isJwt) return "header typ";
  // A token within a token (RFC 7519 section 5.2). fast-jwt looks at no `crit` that is falsy.
  return ["cty", "crit"].find((name) => name in header)?.replace(/^/, "header ") ?? null;
}

function otherClaim(asSigned: Members): string | null {
  const claims = spelledAsHere(asSigned);
  const isPresent = (name: string) => claims[name] !== undefined && claims[name] !== null;
  // Whoever does not find itself in a present `aud` must refuse (RFC 7519 section 4.1.3).
  if (isPresent("aud")) return "aud";
  const kind = kindClaims.find((name) => isPresent(name) && !accessKinds.includes(textOf(claims[name])));
  if (kind !== undefined) return kind;
  const foreign = foreignClaims.find(isPresent);
  if (foreign !== undefined) return foreign;
  if (isPresent("events") && typeof claims.events === "object" && !Array.isArray(claims.events))
    return "events";
  const flag = flagClaims.find((name) => claims[name] === true);
  if (flag !== undefined) return flag;
  // What is absent isn't read: every request comes here, and tokens have none of these.
  return looseClaims.find((name) => isPresent(name) && otherKinds.test(textOf(claims[name]))) ?? null;
}

/** Names in one spelling: `tokenType`, `Token-Type` and `token_type` say the same. */
function spelledAsHere(claims: Members): Members {
  const names = Object.keys(claims);
  if (!names.some((name) => /[A-Z-]/.test(name))) return claims;
  return Object.fromEntries(names.map((name) => [textOf(name).replaceAll("-", "_"), claims[name]]));
}

/** In lower case, `passwordReset` as `password_reset`; of several one after another. */
function textOf(value: unknown): string {
  if (value === "access") return value;
  const texts = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string");
  return texts
    .join(" ")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}
