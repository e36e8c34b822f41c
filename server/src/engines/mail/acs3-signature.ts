import { createHash, createHmac } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import { randomToken } from "../../kernel/ids.ts";

/**
 * Aliyun's request signature ACS3-HMAC-SHA256 for an RPC action: parameters in the query or, as here, in the body as a
 * form. Vectors of Aliyun's own SDKs, for SMS and for both actions of DirectMail that are asked: acs3-signature.test.ts.
 */
export interface AcsRequest {
  readonly host: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Those that are signed, in lower case: `host`, `content-type` and `x-acs-…`. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface AcsKey {
  readonly id: string;
  readonly secret: string;
}

export interface AcsAction {
  readonly action: string;
  /** Of the product's API, as a day. */
  readonly version: string;
  readonly host: string;
  readonly query?: Readonly<Record<string, string>>;
  /** A form of the parameters where they are not in the query. */
  readonly body: string;
}

/** The headers of one call of an action, signed, each with a number used once. */
export function acs3Headers(
  key: AcsKey,
  { action, version, host, query, body }: AcsAction,
  clock: Clock,
): Record<string, string> {
  const headers = {
    ...(query === undefined && { "content-type": "application/x-www-form-urlencoded" }),
    "x-acs-action": action,
    "x-acs-version": version,
    "x-acs-date": `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
    "x-acs-signature-nonce": randomToken(24),
    "x-acs-content-sha256": sha256(body),
  };
  const authorization = acs3Authorization(key, { host, ...(query && { query }), body, headers });
  return { ...headers, authorization };
}

/** The Authorization header. */
export function acs3Authorization({ id, secret }: AcsKey, request: AcsRequest): string {
  const signed = Object.entries({ host: request.host, ...request.headers }).sort(byName);
  const names = signed.map(([name]) => name).join(";");
  const query = Object.entries(request.query ?? {})
    .sort(byName)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
  const lines = signed.map(([name, value]) => `${name}:${value.trim()}\n`).join("");
  const canonical = ["POST", "/", query, lines, names, sha256(request.body)].join("\n");
  const signature = createHmac("sha256", secret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest("hex");
  return `ACS3-HMAC-SHA256 Credential=${id},SignedHeaders=${names},Signature=${signature}`;
}

const byName = ([one]: [string, string], [other]: [string, string]) => (one < other ? -1 : 1);

/** RFC 3986, section 2.3: what JavaScript leaves alone of the reserved signs, too. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A form of the parameters, in the order of their names. */
export function formOf(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .sort(byName)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
