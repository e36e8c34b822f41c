import { createECDH, createHash, createPrivateKey, type KeyObject } from "node:crypto";

/**
 * What the sandbox knows its one client by. The key is made of a word that everybody may read: it opens the sandbox alone, and a
 * server takes it in place of a key of its own only where the sandbox stands in.
 */
export const sandboxTeam = { clientId: "sandbox", teamId: "SANDBOXTEA", keyId: "SANDBOXKEY" } as const;

export function sandboxKey(): KeyObject {
  const d = createHash("sha256").update("the sandbox's key for Sign in with Apple").digest();
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(d);
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", x: x!, y: y!, d: d.toString("base64url") };
  return createPrivateKey({ key: jwk, format: "jwk" });
}

export function sandboxKeyPem(): string {
  return sandboxKey().export({ type: "pkcs8", format: "pem" }).toString();
}
