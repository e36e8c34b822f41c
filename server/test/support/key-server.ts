import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A key of ES256, whose holder signs whatever is asked. */
export interface SigningKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  /** `header` is added to `typ`, `alg` and `kid`; a member that is undefined is left out. */
  sign(claims: object, header?: object): string;
}

export function signingKey(kid: string): SigningKey {
  // By way of PEM: keys that are generated can't be exported as JWK in every Node.
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const key = createPrivateKey(privateKey);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return {
    kid,
    publicKey: createPublicKey(privateKey),
    sign(claims, header = {}) {
      const signed = `${part({ typ: "JWT", alg: "ES256", kid, ...header })}.${part(claims)}`;
      const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
      return `${signed}.${signature.toString("base64url")}`;
    },
  };
}

export interface KeyServer {
  readonly url: string;
  /** How often the set was asked for. */
  fetches(): number;
  /** What the set has from now on. */
  publish(...keys: SigningKey[]): void;
  /** Answers 503 from now on. */
  fail(): void;
  close(): void;
}

/** The public keys of an account server (RFC 7517), and how often they are fetched. */
export async function startKeyServer(): Promise<KeyServer> {
  let published: readonly SigningKey[] = [];
  let isDown = false;
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches++;
    const keys = published.map(({ kid, publicKey }) => {
      const jwk = publicKey.export({ format: "jwk" });
      return { ...jwk, kid, alg: "ES256", use: "sig" };
    });
    response.writeHead(isDown ? 503 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(isDown ? {} : { keys }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    fetches: () => fetches,
    publish(...keys) {
      published = keys;
      isDown = false;
    },
    fail() {
      isDown = true;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
