import type { FastifyRequest } from "fastify";
import { isLoopbackAddress } from "../kernel/own-addresses.ts";

const probes: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/**
 * Notices that TRUST_PROXY doesn't fit the machine, and warns once. Not set behind a proxy: every visitor
 * has the proxy's address, so one of them uses up the limits of all. Set without a proxy: anybody may claim
 * any address in X-Forwarded-For and has no limit at all.
 * Probes prove neither: Kubernetes and load balancers send them past the proxy, or with a header of their own,
 * and the first of them would use up the one warning.
 */
export function createProxyCheck(trusts: boolean): (request: FastifyRequest) => void {
  let said = false;
  return (request) => {
    if (said || probes.has(request.url)) return;
    const forwarded = request.headers["x-forwarded-for"] !== undefined;
    if (forwarded && !trusts) {
      said = true;
      request.log.warn(
        "a request came with X-Forwarded-For, but TRUST_PROXY is not set: if a proxy of yours sent it, set TRUST_PROXY to the number of proxies; until then all visitors share the proxy's address and its limits",
      );
      // What runs on the machine itself comes without a proxy.
    } else if (!forwarded && trusts && !isLoopbackAddress(request.socket.remoteAddress)) {
      said = true;
      request.log.warn(
        "TRUST_PROXY is set, but a request came without X-Forwarded-For: if visitors can reach this port without your proxy, they can claim any address",
      );
    }
  };
}
