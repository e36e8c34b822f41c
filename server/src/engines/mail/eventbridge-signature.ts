import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { constantTimeEqual } from "../../kernel/constant-time.ts";
import { readBody } from "../../kernel/read-body.ts";
import type { HttpOpener } from "./http-delivery.ts";

/**
 * Signatures of Aliyun's EventBridge (help.aliyun.com/zh/eventbridge, signature algorithm, v2): RSA with SHA-256 over the
 * address that is called, five headers in their order, and the body. EventBridge signs for every customer of Aliyun's with
 * the same key: whose event it is says the token, which is signed as well and that the operator chose.
 *
 * Attacks, and the guard (eventbridge-signature.test.ts): a certificate of somebody's own, from a bucket named like
 * EventBridge's or elsewhere (only the buckets of the regions that report DirectMail's events); making this server fetch
 * certificates (the token is compared first); an event sent again (60 s, and a mail's state only moves forward).
 */
export interface EventBridgeRequest {
  /** The address as EventBridge has it, with its path and query. */
  readonly url: string;
  /** One header by its name; empty where there is none. */
  readonly header: (name: string) => string;
  readonly body: string;
}

const signedNames = [
  "x-eventbridge-signature-timestamp",
  "x-eventbridge-hash-method",
  "x-eventbridge-signature-version",
  "x-eventbridge-signature-url",
  "x-eventbridge-signature-token",
] as const;

export const eventBridgeSignature = "x-eventbridge-signature-v2";

/** In milliseconds. */
const oldest = 60_000;
/** Where EventBridge has events of DirectMail. */
const certificateHost =
  /^(cn-hangzhou|eu-central-1|ap-southeast-1|us-east-1)-eventbridge\.oss-accelerate\.aliyuncs\.com$/;
const certificateLimit = 16 * 1024;
const certificateLifeMillis = 3_600_000;
const timeoutMillis = 5_000;

export type FindKey = (url: string) => Promise<KeyObject>;

/** Whether EventBridge made the request for who chose the token, within a minute of `now` (epoch milliseconds). */
export async function isFromEventBridge(
  { url, header, body }: EventBridgeRequest,
  token: string,
  { findKey, now }: { readonly findKey: FindKey; readonly now: number },
): Promise<boolean> {
  const [timestamp = "", method, version, certificate = "", given = ""] = signedNames.map(header);
  if (!constantTimeEqual(given, token)) return false;
  if (!/^\d{13}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > oldest) return false;
  if (method !== "SHA256" || version !== "1.0" || !isOfficial(certificate)) return false;
  const signed = [url, ...signedNames.map((name) => `${name}: ${header(name)}`), body].join("\n");
  const signature = Buffer.from(header(eventBridgeSignature), "base64");
  return verify("RSA-SHA256", Buffer.from(signed), await findKey(certificate), signature);
}

function isOfficial(address: string): boolean {
  const url = URL.parse(address);
  if (url === null || address.length > 300) return false;
  const isPlain = url.protocol === "https:" && url.port === "" && url.username + url.password === "";
  return isPlain && certificateHost.test(url.hostname);
}

/** Keys by their addresses, each fetched once an hour. Throws where there is none: the event is sent again. */
export function createKeys(http: HttpOpener, now: () => number): FindKey {
  const kept = new Map<string, { readonly key: Promise<KeyObject>; readonly until: number }>();
  return (url) => {
    const known = kept.get(url);
    if (known !== undefined && known.until > now()) return known.key;
    // There are as many as regions, and their changes; whoever knows the token can't fill the memory either.
    if (kept.size >= 20) kept.clear();
    const key = fetchKey(http, url);
    kept.set(url, { key, until: now() + certificateLifeMillis });
    key.catch(() => kept.delete(url));
    return key;
  };
}

async function fetchKey(http: HttpOpener, url: string): Promise<KeyObject> {
  const { request, dispatcher } = await http.client();
  const answer = await request(url, { dispatcher, signal: AbortSignal.timeout(timeoutMillis) });
  // Giving a body up makes it emit an error; nobody listening would end the process.
  answer.body.on("error", () => {});
  const tooLarge = () => new Error(`a certificate above ${certificateLimit} bytes`);
  const content = await readBody(answer.body, certificateLimit, tooLarge);
  if (answer.statusCode !== 200) throw new Error(`the certificate's address answered ${answer.statusCode}`);
  return createPublicKey(content);
}
