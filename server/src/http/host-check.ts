import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../errors/errors.ts";
import { createIsOwnHost, type IsOwnHost } from "../kernel/own-addresses.ts";
import { createSendError } from "./error-renderer.ts";
import type { DefaultLanguage } from "./language.ts";
import { oncePer } from "./once-per.ts";

/**
 * Answers requests under a name that is not this server's by 421. Attack: DNS rebinding, a stranger's page whose own
 * name suddenly leads to this machine; to the browser it may then read everything here, the development mailbox and its
 * codes first. Names are this machine's loopback ones, its own addresses (probes ask by them) and the configured ones.
 * Guard: api/host-check.test.ts.
 */
export interface HostCheckOptions {
  /** Beside the machine's own, as URLs write them; `*` stands for all. */
  readonly allowedHosts: readonly string[];
  readonly isOwnHost?: IsOwnHost;
  readonly log?: { warn(details: object, text: string): void } | undefined;
  readonly defaultLanguage?: DefaultLanguage;
}

/** Answers a request for another's name itself and says so by true. */
export type HostCheck = (request: FastifyRequest, reply: FastifyReply) => boolean;

/** Spellings of allowed names (with ports) that are remembered; only a port scan has more. */
const rememberedLimit = 256;

export function createHostCheck(options: HostCheckOptions): HostCheck {
  const { isOwnHost = createIsOwnHost(), log } = options;
  const allowed = new Set(options.allowedHosts);
  const allowsAll = allowed.has("*");
  const isNew = oncePer();
  const sendError = createSendError(options.defaultLanguage ?? "auto");
  // Headers as they came, so that all but a visitor's first request cost one look-up.
  const known = new Set<string>();

  function judge(header: string, localAddress: string | undefined): boolean {
    const host = readHostHeader(header);
    if (!allowsAll && (host === null || !(allowed.has(host) || isOwnHost(host, localAddress)))) return false;
    if (known.size < rememberedLimit) known.add(header);
    return true;
  }

  return (request, reply) => {
    const { host } = request.headers;
    const { httpVersion, httpVersionMajor, rawHeaders } = request.raw;
    // A missing one: RFC 9112 section 3.2; Node leaves it to us (node-answers.ts).
    const lacksHost = host === undefined && httpVersion !== "1.0";
    if (httpVersionMajor < 1 || lacksHost || hasSeveralHosts(rawHeaders)) {
      sendError(new AppError("bad_request"), request, reply);
      return true;
    }
    // Without one comes no browser: HTTP/1.0, as some load balancers' probes speak it.
    if (host === undefined || known.has(host) || judge(host, request.socket.localAddress)) return false;
    const shown = host.slice(0, 100);
    if (isNew(shown)) {
      log?.warn(
        { host: shown },
        "a request for a host that is not this server's was answered 421: if it is yours, add it to the list in ALLOWED_HOSTS",
      );
    }
    sendError(new AppError("host_not_allowed", { parameters: { host: shown } }), request, reply);
    return true;
  };
}

/**
 * Node takes the first of several Host headers, a proxy may have judged by the last (RFC 9112 section 3.2 asks for 400).
 * HTTP/0.9, which Node's parser lets pass, has no headers at all to judge by.
 */
function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === "host" && ++hosts > 1) return true;
  }
  return false;
}

/** The host in a Host header as URLs write it, without the port and the root's dot; null for what is none. */
export function readHostHeader(header: string): string | null {
  // More strictly than URLs, which would take a log-in, a path and signs that mean something in other headers.
  if (!/^(\[[\da-f:.]+\]|[\w.-]+)(:\d*)?$/i.test(header)) return null;
  return URL.parse(`http://${header}/`)?.hostname.replace(/\.$/, "") ?? null;
}
