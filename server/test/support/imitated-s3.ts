import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * An S3-shaped store as its documentation has it (Amazon S3 API Reference, "Authenticating Requests: Using the Authorization
 * Header"), with the troubles that stores have. It works the signature out by itself, and the sum of what arrives.
 */
export type S3Trouble =
  | "none"
  | "forbidden"
  | "slow down"
  | "slow down once"
  | "reset once"
  | "hang"
  | "no bucket"
  | "redirect"
  | "reads nothing"
  | "removes nothing"
  /** Whoever may not list a bucket isn't told what is not in it. */
  | "lists nothing"
  | "keeps what it removes";

export interface ImitatedS3 {
  /** For AVATAR_STORE. */
  readonly setting: string;
  /** With another secret. */
  readonly wrongSetting: string;
  readonly objects: Map<string, { readonly content: Buffer; readonly type: string | undefined }>;
  /** Methods and paths, as they came. */
  readonly asked: string[];
  trouble: S3Trouble;
  /** What arrives is stored when this resolves. */
  storing: Promise<void>;
  close(): Promise<void>;
}

interface Signed {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const sha256 = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** The signature that a request should have: version 4, for S3. */
export function s3Signature({ method, url, headers }: Signed, secret: string): string {
  const fields = /Credential=[^/]+\/(\d+)\/([^/]+)\/s3\/aws4_request,\s*SignedHeaders=([^,]+)/.exec(
    headers.authorization ?? "",
  );
  if (fields === null) return "none";
  const [, day = "", region = "", names = ""] = fields;
  const { pathname } = new URL(url, "http://store");
  const canonical = [
    ...[method, pathname, ""],
    ...names.split(";").map((name) => `${name}:${String(headers[name]).trim()}`),
    ...["", names, String(headers["x-amz-content-sha256"])],
  ].join("\n");
  const toSign = [
    "AWS4-HMAC-SHA256",
    String(headers["x-amz-date"]),
    `${day}/${region}/s3/aws4_request`,
    sha256(canonical),
  ].join("\n");
  const key = ["s3", "aws4_request"].reduce(hmac, hmac(hmac(`AWS4${secret}`, day), region));
  return hmac(key, toSign).toString("hex");
}

export async function startImitatedS3(): Promise<ImitatedS3> {
  // The signs that a URL has to write otherwise.
  const [keyId, secret, bucket] = ["AKIDEXAMPLE", "wJalr/XUtn:FEMI+K7@MDENG", "/shop/faces"];
  const objects: ImitatedS3["objects"] = new Map();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    asked.push(`${method} ${url}`);
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const content = Buffer.concat(pieces);
    if (troubled(store, response)) return;
    const given = /Credential=([^/]+)\/.*Signature=(\w+)/.exec(headers.authorization ?? "");
    if (given?.[1] !== keyId) return refuse(response, 403, "InvalidAccessKeyId");
    if (given[2] !== s3Signature({ method, url, headers }, secret)) {
      return refuse(response, 403, "SignatureDoesNotMatch");
    }
    if (headers["x-amz-content-sha256"] !== sha256(content)) {
      return refuse(response, 400, "XAmzContentSHA256Mismatch");
    }
    if (!url.startsWith(`${bucket}/`)) return refuse(response, 404, "NoSuchBucket");
    if (store.trouble === "reads nothing" && method === "GET") return refuse(response, 403, "AccessDenied");
    if (store.trouble === "removes nothing" && method === "DELETE") {
      return refuse(response, 403, "AccessDenied");
    }
    if (method === "PUT") await store.storing;
    serve(store, response, { method, url, content, type: headers["content-type"] });
  });
  const store: { -readonly [Name in keyof ImitatedS3]: ImitatedS3[Name] } = {
    ...{ setting: "", wrongSetting: "", objects, asked, trouble: "none", storing: Promise.resolve() },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const settingOf = (key: string) =>
    `s3+http://${keyId}:${encodeURIComponent(key)}@127.0.0.1:${port}${bucket}?region=cn-east-7`;
  store.setting = settingOf(secret);
  store.wrongSetting = settingOf("another");
  return store;
}

function serve(
  { objects, trouble }: ImitatedS3,
  response: ServerResponse,
  { method, url, content, type }: { method: string; url: string; content: Buffer; type: string | undefined },
): void {
  if (method === "PUT") {
    objects.set(url, { content, type });
    response.writeHead(200).end();
  } else if (method === "DELETE") {
    if (trouble !== "keeps what it removes") objects.delete(url);
    response.writeHead(204).end();
  } else {
    const found = objects.get(url);
    if (found === undefined && trouble === "lists nothing") refuse(response, 403, "AccessDenied");
    else if (found === undefined) refuse(response, 404, "NoSuchKey");
    else response.writeHead(200, { "content-type": found.type }).end(found.content);
  }
}

/** Whether the store's trouble is the answer. */
function troubled(store: { trouble: S3Trouble }, response: ServerResponse): boolean {
  switch (store.trouble) {
    case "hang":
      return true;
    case "reset once":
      store.trouble = "none";
      response.socket?.resetAndDestroy();
      return true;
    case "redirect":
      response.writeHead(307, { location: "http://127.0.0.1:1/elsewhere" }).end();
      return true;
    case "forbidden":
      refuse(response, 403, "AccessDenied");
      return true;
    case "no bucket":
      refuse(response, 404, "NoSuchBucket");
      return true;
    case "slow down once":
      store.trouble = "none";
      refuse(response, 503, "SlowDown");
      return true;
    case "slow down":
      refuse(response, 503, "SlowDown");
      return true;
    default:
      return false;
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { "content-type": "application/xml" })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>…</Message></Error>`);
}
