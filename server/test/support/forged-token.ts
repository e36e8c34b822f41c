import { createHmac } from "node:crypto";
import { testSecretKey } from "./test-secret-key.ts";

/** Signs anything, well formed or not, as somebody who has the key could. */
export function forge(
  payload: unknown,
  { key = testSecretKey, header = { typ: "JWT", alg: "HS256" } as object } = {},
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

/** What a token says, unchecked. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
}
