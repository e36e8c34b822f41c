import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { importJWK, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { createClientSecrets } from "./client-secret.ts";

/** RFC 7515 appendix A.3.1: a key for ES256 that is not of our making. */
const foreign = {
  kty: "EC",
  crv: "P-256",
  x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
};
/** The same one's private part, in PKCS #8. */
const foreignDer = Buffer.concat([
  Buffer.from("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420", "hex"),
  Buffer.from("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI", "base64url"),
]);
const privateKey = `-----BEGIN PRIVATE KEY-----\n${foreignDer.toString("base64")}\n-----END PRIVATE KEY-----\n`;

const settings = {
  ...{ clientId: "com.example.web", teamId: "TEAM567890", keyId: "KEY4567890", privateKey },
  ...{ redirectUri: "https://api.example.com/oauth/callback/apple", baseUrl: "https://appleid.apple.com" },
};
const parts = (secret: string) => secret.split(".") as [string, string, string];
const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as object;

describe("a client secret", () => {
  let now = 1_760_000_000_500;
  const make = createClientSecrets(settings, { now: () => now });

  test("says what Apple documents, and nothing else", () => {
    const [head, claims] = parts(make());
    expect(read(head)).toEqual({ alg: "ES256", typ: "JWT", kid: "KEY4567890" });
    expect(read(claims)).toEqual({
      iss: "TEAM567890",
      iat: 1_760_000_000,
      exp: 1_760_000_300,
      aud: "https://appleid.apple.com",
      sub: "com.example.web",
    });
  });

  test("is made anew for each request", () => {
    const [first] = [make()];
    now += 60_000;
    expect(read(parts(make())[1])).toMatchObject({ iat: 1_760_000_060, exp: 1_760_000_360 });
    expect(make()).not.toBe(first);
  });

  test("is signed by the team's key, R and S side by side (RFC 7518 section 3.4)", () => {
    const [head, claims, signature] = parts(make());
    const bytes = Buffer.from(signature, "base64url");
    expect(bytes).toHaveLength(64);
    const signed = Buffer.from(`${head}.${claims}`);
    const verifies = (jwk: object) => {
      const key = createPublicKey({ key: jwk as never, format: "jwk" });
      return verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, bytes);
    };
    expect(verifies(foreign)).toBe(true);
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(verifies(publicKey.export({ format: "jwk" }))).toBe(false);
  });

  test("is one to a library that is not the one that made it", async () => {
    const how = { audience: "https://appleid.apple.com", issuer: "TEAM567890", algorithms: ["ES256"] };
    const currentDate = new Date(now);
    const { payload } = await jwtVerify(make(), await importJWK(foreign, "ES256"), { ...how, currentDate });
    expect(payload.sub).toBe("com.example.web");
    const late = { ...how, currentDate: new Date(now + 301_000) };
    await expect(jwtVerify(make(), await importJWK(foreign, "ES256"), late)).rejects.toThrow(/exp/);
  });

  test("the checks refuse what RFC 7515 appendix A.3 does not sign, and take what it does", async () => {
    const vector =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const [head, claims, signature] = parts(vector);
    const key = { key: createPublicKey({ key: foreign, format: "jwk" }), dsaEncoding: "ieee-p1363" } as const;
    const bytes = Buffer.from(signature, "base64url");
    expect(verify("sha256", Buffer.from(`${head}.${claims}`), key, bytes)).toBe(true);
    expect(verify("sha256", Buffer.from(`${head}.${claims}x`), key, bytes)).toBe(false);
  });
});
