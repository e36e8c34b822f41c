import { createHash, createHmac } from "node:crypto";

/**
 * Tencent Cloud's request signature TC3-HMAC-SHA256 for a JSON body, with the two headers signed that its SDKs sign. The
 * vendor's own vector: tc3-signature.test.ts.
 */
export interface Tc3Request {
  readonly host: string;
  /** Also the first part of the host: `sms`. */
  readonly service: string;
  readonly contentType: string;
  readonly body: string;
  /** Epoch seconds; the vendor takes five minutes of difference. */
  readonly seconds: number;
}

/** The Authorization header. */
export function tc3Authorization(
  { id, secret }: { readonly id: string; readonly secret: string },
  { host, service, contentType, body, seconds }: Tc3Request,
): string {
  const names = "content-type;host";
  const lines = `content-type:${contentType}\nhost:${host}\n`;
  const canonical = ["POST", "/", "", lines, names, sha256(body)].join("\n");
  const date = new Date(seconds * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/tc3_request`;
  const toSign = ["TC3-HMAC-SHA256", String(seconds), scope, sha256(canonical)].join("\n");
  const key = [date, service, "tc3_request"].reduce<string | Buffer>(hmac, `TC3${secret}`);
  const signature = hmac(key, toSign).toString("hex");
  return `TC3-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
