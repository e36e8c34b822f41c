/**
 * Pictures of people at third-party providers, fetched here so that a browser on the site contacts nobody else.
 *
 * Only https, only the hosts that the providers name (attack: using this server to reach its own network or to serve anyone's
 * files), no redirect followed, small raster pictures only, never anything a browser could run. What the provider
 * sent besides the picture (cookies, headers) is dropped.
 */

import type { FastifyInstance } from "fastify";
import { AppError } from "../errors/errors.ts";
import { clientNetwork } from "../kernel/client-address.ts";
import { addressBelow } from "../kernel/public-address.ts";
import { readBody } from "../kernel/read-body.ts";
import { createShares } from "../kernel/shares.ts";

const types = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
/** The largest avatars providers serve (640 x 640) are below 200 KB. */
const sizeLimit = 512 * 1024;
const timeoutMs = 5_000;
/**
 * Pictures fetched at once; 20 of the largest are 10 MB (attack: holding memory and connections by slow pictures). One
 * client may have a quarter of them.
 */
const pictureShares = { total: 20, perClient: 5, retryAfterSeconds: 1 };

/** The picture's address where it may be fetched, else null. */
export function allowedAvatar(address: unknown, hosts: readonly RegExp[]): URL | null {
  if (typeof address !== "string" || address.length > 600 || !URL.canParse(address)) return null;
  const url = new URL(address);
  const plain = url.protocol === "https:" && url.port === "" && url.username === "" && url.password === "";
  const known = hosts.some((host) => host.test(url.hostname));
  return plain && known ? url : null;
}

/** Where on the site a picture of these hosts is served: for pages of other origins, which would else tell a third party who visits. */
export function createPictureUrl(
  siteUrl: string,
  hosts: readonly RegExp[],
): (address: string) => string | null {
  const base = addressBelow(siteUrl, "/avatar");
  return (address) => {
    const url = allowedAvatar(address, hosts);
    return url === null ? null : `${base}?address=${encodeURIComponent(url.href)}`;
  };
}

export type FetchPicture = (url: URL, init: RequestInit) => Promise<Response>;

/**
 * GET /avatar?address=…; anything that is not a picture of a known host is 404, and 503 what comes while as many as
 * allowed are being fetched.
 */
export function avatarRoute(
  site: FastifyInstance,
  hosts: readonly RegExp[],
  fetchPicture: FetchPicture = fetch,
): void {
  const shares = createShares(pictureShares);

  site.get("/avatar", async (request, reply) => {
    const url = allowedAvatar((request.query as { address?: unknown }).address, hosts);
    const fetched = url && shares.run(clientNetwork(request.ip), () => fetchAvatar(url, fetchPicture));
    const picture = await fetched?.catch(noPicture(request.log));
    if (picture === "busy") {
      return reply.code(503).header("retry-after", "1").type("text/plain; charset=utf-8").send("503\n");
    }
    if (!picture) return reply.code(404).type("text/plain; charset=utf-8").send("404\n");
    return reply
      .type(picture.type)
      .headers({
        "cache-control": "private, max-age=86400",
        // The site's other answers are for its own pages alone; this one is for those of `avatar_url`'s readers, too.
        "cross-origin-resource-policy": "cross-origin",
      })
      .send(picture.content);
  });
}

/** The picture at an allowed address; null for what is none. Rejects where it can't be had in time, and where it is too large. */
export async function fetchAvatar(
  url: URL,
  fetchPicture: FetchPicture,
): Promise<{ type: string; content: Buffer } | null> {
  const response = await fetchPicture(url, {
    redirect: "error",
    credentials: "omit",
    headers: { accept: [...types].join(", ") },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const type = response.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (!response.ok || !types.has(type) || response.body === null) {
    await response.body?.cancel();
    return null;
  }
  const content = await readBody(response.body, sizeLimit, () => new AppError("body_too_large"));
  return { type, content };
}

/** A provider's picture host in trouble costs the reader a letter instead of a face, nothing more. */
function noPicture(log: FastifyInstance["log"]): (error: unknown) => null | "busy" {
  return (error) => {
    if (error instanceof AppError && error.code === "busy") return "busy";
    log.info({ err: error }, "no avatar");
    return null;
  };
}
