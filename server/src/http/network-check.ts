import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../errors/errors.ts";
import { ourWords, type Words } from "../words/words.ts";
import { createSendError } from "./error-renderer.ts";

/**
 * Refuses what comes from a network that staff deny (admission/denials.ts): 403 to everything but the probes, by which a load
 * balancer in such a network would take the server for dead. Guard: denials.test.ts.
 */
export interface NetworkCheckOptions {
  /** Waits for nothing. */
  readonly refusesNetwork?: ((address: string) => boolean) | undefined;
  readonly words?: Words | undefined;
}

const probes = /\/(?:healthz|readyz)$/;

/** Answers such a request itself, and then returns true. */
export function createNetworkCheck({ refusesNetwork, words }: NetworkCheckOptions) {
  const sendError = createSendError(words ?? ourWords);
  return (request: FastifyRequest, reply: FastifyReply): boolean => {
    if (!refusesNetwork?.(request.ip) || probes.test(request.routeOptions.url ?? "")) return false;
    sendError(new AppError("network_denied"), request, reply);
    return true;
  };
}
