import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../errors/errors.ts";
import { createIsOwnHost, type IsOwnHost } from "../kernel/own-addresses.ts";
import { ourWords, type Words } from "../words/words.ts";
import { createSendError } from "./error-renderer.ts";
import { oncePer } from "./once-per.ts";

/**
 * Answers requests under a name that is not this server's with 421. Attack: DNS rebinding, a stranger's page whose own
 * name suddenly leads to this machine; to the browser it may then read everything here, the development mailbox and its
 * codes first. Names are this machine's loopback ones, its own addresses (probes ask by them) and the configured ones.
 * Guard: api/host-check.test.ts.
 */
export interface HostCheckOptions {
  /** Beside the machine's own, as URLs write them; `*` stands for all. */
  readonly allowedHosts: readonly string[];
  readonly isOwnHost?: IsOwnHost;
  readonly log?: { warn(details: object, text: string): void } | undefined;
  readonly words?: Words;
}

/** What is wrong with a request's Host, as an error's code; null where nothing is. */
export type HostJudge = (request: IncomingMessage) => "bad_request" | "host_not_allowed" | null;

/** Answers a request under another server's name itself, and then returns true. */
export type HostCheck = (request: FastifyRequest, reply: FastifyReply) => boolean;

/** Spellings of allowed names (with ports) that are remembered; only a port scan has more. */
const rememberedLimit = 256;

export function createHostCheck(options: HostCheckOptions): HostCheck {
  const judge = createHostJudge(options);
  const sendError = createSendError(options.words ?? ourWords);

  return (request, reply) => {
    const code = judge(request.raw);
    if (code === null) return false;
    sendError(new AppError(code, { parameters: { host: shownOf(request.raw) } }), request, reply);
    return true;
  };
}

/** The judgement alone, for a server without Fastify; one that makes it with `requireHostHeader: false`. */
function createHostJudge(options: Omit<HostCheckOptions, "words">): HostJudge {
  const { isOwnHost = createIsOwnHost(), log } = options;
  const allowed = new Set(options.allowedHosts);
  const allowsAll = allowed.has("*");
  const isNew = oncePer();
  // Headers as they came, so that all but a visitor's first request cost one look-up.
  const known = new Set<string>();

  function isAllowed(header: string, localAddress: string | undefined): boolean {
    const host = readHostHeader(header);
    if (!allowsAll && (host === null || !(allowed.has(host) || isOwnHost(host, localAddress)))) return false;
    if (known.size < rememberedLimit) known.add(header);
    return true;
  }

  return (request) => {
    const { host } = request.headers;
    const { httpVersion, httpVersionMajor, rawHeaders } = request;
    // A missing one: RFC 9112 section 3.2; Node leaves it to us (node-answers.ts).
    const lacksHost = host === undefined && httpVersion !== "1.0";
    if (httpVersionMajor < 1 || lacksHost || hasSeveralHosts(rawHeaders)) return "bad_request";
    // No browser comes without one; some load balancers' probes, which speak HTTP/1.0, do.
    if (host === undefined || known.has(host) || isAllowed(host, request.socket.localAddress)) return null;
    const shown = shownOf(request);
    if (isNew(shown)) {
      log?.warn(
        { host: shown },
        "a request for a host that is not this server's was answered 421: if it is yours, add it to the list in ALLOWED_HOSTS",
      );
    }
    return "host_not_allowed";
  };
}

/**
 * For the port of the metrics: Prometheus finds its targets by address, or by a name of the network. Nobody can
 * lead an address elsewhere; of names, this machine's own and the configured ones are accepted.
 */
export function createMetricsHostJudge(
  options: Pick<HostCheckOptions, "allowedHosts" | "log">,
  ownName: string,
): HostJudge {
  const isOwnHost = createIsOwnHost();
  const isAddress = (host: string) => isIP(host.replace(/^\[(.*)\]$/, "$1")) !== 0;
  return createHostJudge({
    ...options,
    isOwnHost: (host, localAddress) =>
      isAddress(host) || host === ownName.toLowerCase() || isOwnHost(host, localAddress),
  });
}

function shownOf(request: IncomingMessage): string {
  return (request.headers.host ?? "").slice(0, 100);
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
