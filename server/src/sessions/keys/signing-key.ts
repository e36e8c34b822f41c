import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
  type webcrypto,
} from "node:crypto";
import { promisify } from "node:util";
import { deriveKeys, type SecretKeys } from "../../kernel/keys.ts";
import { reseal, seal, unsealByAny } from "../../kernel/sealed.ts";

/**
 * A pair of keys for access tokens that other services verify without being able to make any: ES256 or RS256 (RFC 7518
 * sections 3.3, 3.4). Promises: the private one leaves the process only sealed under SECRET_KEY, together with the name
 * and algorithm it is for, so that a row written by somebody else, or moved to another algorithm, is no key of ours; the
 * public one is always computed from it.
 */
export type PublicAlgorithm = "ES256" | "RS256";

/** As published (RFC 7517 section 4): a public key, with nothing else in it. */
export interface PublicJwk {
  readonly kty: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
  readonly kid: string;
  readonly alg: PublicAlgorithm;
  readonly use: "sig";
}

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: PublicAlgorithm;
  readonly jwk: PublicJwk;
  /** PEM, for verifiers. */
  readonly publicPem: string;
  /** The signature of this text, as a JWS has it (RFC 7518 section 3.4: R and S side by side). */
  sign(text: string): string;
}

const generate = promisify(generateKeyPair);

/** A new pair; `sealed` is what to keep of it. RSA takes up to a few seconds, on another thread. */
export async function makeSigningKey(
  secretKeys: SecretKeys,
  algorithm: PublicAlgorithm,
  rsaBits: number,
): Promise<{ readonly kid: string; readonly sealed: string }> {
  const { privateKey } =
    algorithm === "ES256"
      ? await generate("ec", { namedCurve: "P-256" })
      : await generate("rsa", { modulusLength: rsaBits, publicExponent: 0x10001 });
  const kid = thumbprint(createPublicKey(privateKey).export({ format: "jwk" }));
  const secret = privateKey.export({ type: "pkcs8", format: "der" });
  return { kid, sealed: seal(sealingKeys(secretKeys)[0], secret, factsOf(kid, algorithm)) };
}

/** Null for what was not sealed here for that name and algorithm. */
export function openSigningKey(
  secretKeys: SecretKeys,
  { kid, algorithm, sealed }: { kid: string; algorithm: PublicAlgorithm; sealed: string },
): SigningKey | null {
  const secret = unsealByAny(sealingKeys(secretKeys), sealed, factsOf(kid, algorithm));
  if (secret === null) return null;
  return signingKey(createPrivateKey({ key: secret, type: "pkcs8", format: "der" }), { kid, algorithm });
}

/** What to keep in its place under the present SECRET_KEY; null where it is so already, or can't be opened. */
export function resealSigningKey(
  secretKeys: SecretKeys,
  { kid, algorithm, sealed }: { kid: string; algorithm: PublicAlgorithm; sealed: string },
): string | null {
  return reseal(sealingKeys(secretKeys), sealed, factsOf(kid, algorithm));
}

const sealingKeys = (secretKeys: SecretKeys) => deriveKeys(secretKeys, "signing key");

/** What a sealed key is bound to. */
function factsOf(kid: string, algorithm: PublicAlgorithm): string {
  return `${algorithm} ${kid}`;
}

function signingKey(
  privateKey: KeyObject,
  { kid, algorithm }: Pick<SigningKey, "kid" | "algorithm">,
): SigningKey {
  const publicKey = createPublicKey(privateKey);
  const jwk = publicKey.export({ format: "jwk" });
  return {
    ...{ kid, algorithm },
    jwk: { ...(publicMembers(jwk) as { kty: string }), kid, alg: algorithm, use: "sig" },
    publicPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign: (text) =>
      sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url"),
  };
}

/** The members that make a public key, in the order of their names (RFC 7638 section 3.2). */
function publicMembers({
  kty,
  crv,
  x,
  y,
  n,
  e,
}: webcrypto.JsonWebKey): Readonly<Record<string, string | undefined>> {
  return kty === "EC" ? { crv, kty, x, y } : { e, kty, n };
}

/** A key's name that follows from the key: SHA-256 over its public members (RFC 7638). */
export function thumbprint(jwk: webcrypto.JsonWebKey): string {
  return createHash("sha256")
    .update(JSON.stringify(publicMembers(jwk)))
    .digest("base64url");
}
