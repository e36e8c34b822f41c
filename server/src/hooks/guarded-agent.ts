import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { type OutgoingHttp, type OutgoingProxy, outgoingHttp } from "../engines/outgoing-http.ts";

/**
 * Connections to public addresses alone, but for hosts that the operator names. Attack: a hook's name that leads to
 * 169.254.169.254, or to this machine, from one look-up to the next (SSRF, DNS rebinding). So what is checked is the address
 * that is connected to, at every connection, whether it came from a name or was written as a number (guard:
 * http-hooks.test.ts).
 */
function isPublic(address: string): boolean {
  try {
    return ipaddr.process(address).range() === "unicast";
  } catch {
    return false;
  }
}

export interface Guard {
  /** As URLs write them, whose addresses may be any. They are of the site's own network: reached without a proxy. */
  readonly privateHosts: readonly string[];
  readonly timeoutMillis: number;
  readonly proxy: OutgoingProxy;
  /** The setting that names them, for the error. */
  readonly setting: string;
  /** The system's, in place of which tests put one that lies. */
  readonly lookup?: Lookup | undefined;
}

export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/**
 * HTTP through the operator's proxy, if there is one. A proxy looks names up itself, so which addresses a name may lead to is
 * for the proxy to say; without one each connection's address is checked here. What is written as a number: `refuseNumber`.
 */
export async function guardedHttp({
  privateHosts,
  timeoutMillis,
  proxy,
  setting,
  lookup: lookUp = systemLookup,
}: Guard): Promise<OutgoingHttp> {
  const { buildConnector } = await import("undici");
  const lookup: LookupFunction = (hostname, options, done) => {
    lookUp(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, "", 0);
      const isFree = privateHosts.includes(hostname.toLowerCase());
      if (!isFree && found.some(({ address }) => !isPublic(address)))
        return done(refused(hostname, setting), "", 0);
      if (options.all) return done(null, found);
      const [first] = found;
      if (first === undefined) return done(refused(hostname, setting), "", 0);
      done(null, first.address, first.family);
    });
  };
  const straight = privateHosts.filter((host) => host !== "*");
  return outgoingHttp(
    { ...proxy, except: [proxy.except, ...straight].filter((one) => one !== "").join(",") },
    {
      ...{ connections: 50, pipelining: 1, connectTimeout: timeoutMillis },
      connect: buildConnector({ lookup, timeout: timeoutMillis }),
    },
  );
}

/** A number is connected to without any look-up, and a proxy would be asked for it: throws where it is no public address. */
export function refuseNumber(url: string, privateHosts: readonly string[], setting: string): void {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !privateHosts.includes(hostname) && !isPublic(host)) throw refused(host, setting);
}

function refused(host: string, setting: string): Error {
  return new Error(`${host} is no public address: name it in ${setting} if it is meant`);
}
