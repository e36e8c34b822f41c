import type { FastifyRequest } from "fastify";
import { bareForwardedFor } from "../kernel/client-address.ts";

/** TRUST_PROXY as the configuration read it. */
export type TrustProxy = boolean | number | string[];

/** What Fastify takes: a number of hops as a function, the nearest `hops` addresses being proxies of ours. */
export function trustFunction(trust: TrustProxy) {
  return typeof trust === "number" ? (_address: string, hop: number) => hop < trust : trust;
}

/**
 * Call it before anybody reads `request.ip`, so that every limit, log line and audit entry has the same address,
 * whatever port a proxy writes behind it.
 */
export function readForwardedFor(request: FastifyRequest, trust: TrustProxy): void {
  const forwarded = request.headers["x-forwarded-for"];
  if (trust !== false && forwarded !== undefined) {
    request.raw.headers["x-forwarded-for"] = bareForwardedFor(String(forwarded));
  }
}
