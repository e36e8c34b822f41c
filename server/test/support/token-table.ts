import { createHmac } from "node:crypto";
import { forge } from "./forged-token.ts";
import { type SigningKey, signingKey } from "./key-server.ts";

/** What a service is shown that verifies our access tokens by itself, and what it has to answer. */
export interface Shown {
  readonly what: string;
  /** The Authorization header; none where it is null. */
  readonly authorization: string | null;
  readonly status: 200 | 401;
}

type Claims = Readonly<Record<string, unknown>>;

const now = () => Math.floor(Date.now() / 1000);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const good = (what: string, token: string): Shown => ({ what, authorization: `JWT ${token}`, status: 200 });
const bad = (what: string, token: string): Shown => ({ what, authorization: `JWT ${token}`, status: 401 });

/** Whatever the key is. `sign` signs as the account server does; `claims` are those of a good token. */
function always(claims: Claims, sign: (claims: Claims) => string): Shown[] {
  const token = sign(claims);
  const [header, , signature] = token.split(".");
  const without = (name: string) => sign({ ...claims, [name]: undefined });
  return [
    good("a good token", token),
    { what: "a good token after Bearer", authorization: `Bearer ${token}`, status: 200 },
    good("expired ten seconds ago: clocks differ", sign({ ...claims, exp: now() - 10 })),
    { what: "nothing", authorization: null, status: 401 },
    { what: "the scheme alone", authorization: "Bearer", status: 401 },
    { what: "another scheme", authorization: `Token ${token}`, status: 401 },
    ...["x", "a.b.c", "..", "x".repeat(4000), `${token}.x`].map((text) =>
      bad(`garbage ${text.slice(0, 9)}`, text),
    ),
    bad("expired two minutes ago", sign({ ...claims, exp: now() - 120 })),
    bad("no end", without("exp")),
    bad("not begun", sign({ ...claims, nbf: now() + 300 })),
    bad("a refresh token", sign({ ...claims, token_type: "refresh" })),
    bad("of no kind", without("token_type")),
    bad("nobody's", without("user_id")),
    bad("another audience", sign({ ...claims, aud: "https://elsewhere.example" })),
    bad("other audiences", sign({ ...claims, aud: ["https://elsewhere.example", "billing"] })),
    ...["none", "None", "NONE"].flatMap((alg) => [
      bad(`alg ${alg}, unsigned`, `${part({ typ: "JWT", alg })}.${part(claims)}.`),
      bad(`alg ${alg}, signed`, `${part({ typ: "JWT", alg })}.${part(claims)}.${signature}`),
    ]),
    bad(
      "other claims under its signature",
      `${header}.${part({ ...claims, user_id: 999, username: "admin" })}.${signature}`,
    ),
    bad("no signature", `${header}.${part(claims)}.`),
    bad("a signature of nothing", `${header}.${part(claims)}.${Buffer.alloc(64).toString("base64url")}`),
    bad("HS256 under no key", forge(claims, { key: "" })),
  ];
}

/** For a service that has the SECRET_KEY, and neither issuer nor audience. `refresh` is a real refresh token. */
export function underSharedKey(secretKey: string, claims: Claims, refresh: string): Shown[] {
  const [header, payload] = [part({ typ: "JWT", alg: "HS512" }), part(claims)];
  const hs512 = createHmac("sha512", secretKey).update(`${header}.${payload}`).digest("base64url");
  const es256 = signingKey("any").sign(claims);
  return [
    ...always(claims, (said) => forge(said, { key: secretKey })),
    bad("our own refresh token", refresh),
    bad("another key", forge(claims, { key: `${secretKey}x` })),
    bad("another algorithm under the key", `${header}.${payload}.${hs512}`),
    bad("ES256 of anybody's", es256),
  ];
}

/** For a service that has the public keys and this audience and issuer; `key` is published. */
export function underPublicKeys(
  key: SigningKey,
  given: Claims,
  { audience, issuer }: { readonly audience: string; readonly issuer: string },
): Shown[] {
  const claims = { ...given, aud: audience, iss: issuer };
  const pem = key.publicKey.export({ type: "spki", format: "pem" }) as string;
  const jwk = key.publicKey.export({ format: "jwk" });
  const hs256 = (secret: string) =>
    forge(claims, { key: secret, header: { typ: "JWT", alg: "HS256", kid: key.kid } });
  return [
    ...always(claims, (said) => key.sign(said)),
    good("for several, us among them", key.sign({ ...claims, aud: ["billing", audience] })),
    bad("for nobody in particular", key.sign({ ...claims, aud: undefined })),
    bad("another issuer", key.sign({ ...claims, iss: "https://elsewhere.example" })),
    bad("no issuer", key.sign({ ...claims, iss: undefined })),
    bad("another key under the same kid", signingKey(key.kid).sign(claims)),
    bad("no kid", key.sign(claims, { kid: undefined })),
    bad("an unknown kid", key.sign(claims, { kid: "unknown" })),
    bad("a kid that is no text", key.sign(claims, { kid: [key.kid] })),
    bad("HS256 under the public key", hs256(pem)),
    bad("HS256 under the public key without its last line", hs256(pem.trim())),
    bad("HS256 under the key as it is published", hs256(JSON.stringify(jwk))),
    bad("HS256 under a coordinate", hs256(String(jwk.x))),
    bad("a key that it brings itself", signingKey("own").sign(claims, { jwk, kid: undefined })),
  ];
}
