import ipaddr from "ipaddr.js";

/** Reading addresses of clients, by a library: each form that is not recognised would be a client of its own. */

/** Stands for every client whose address can't be read: they share one count, so none escapes the limits by it. */
const unreadable = "unreadable";

/** What limits per client count an address by. */
export interface ClientNetworks {
  /** An IPv4 address, or the first 64 bits of an IPv6 address. */
  readonly network: string;
  /** Of an IPv6 address the /48 around it; null of any other. */
  readonly wider: string | null;
}

/**
 * The networks of an address. Every household and rented server is given at least an IPv6 /64 (RFC 6177), so that counted one by
 * one the limits of its addresses would never be reached. Hosters give whole /48s to a customer, who then has 65,536 networks:
 * counted one by one theirs would never be reached either. An IPv4 address in IPv6's form, mapped (RFC 4291 section 2.5.5.2) or
 * through NAT64 (RFC 6052), is the IPv4 address.
 */
export function clientNetworks(address: string): ClientNetworks {
  const parsed = parse(address);
  if (parsed === null) return { network: unreadable, wider: null };
  if (parsed instanceof ipaddr.IPv4) return { network: parsed.toString(), wider: null };
  if (parsed.isIPv4MappedAddress()) return { network: parsed.toIPv4Address().toString(), wider: null };
  if (parsed.range() === "rfc6052") {
    return { network: new ipaddr.IPv4(parsed.toByteArray().slice(12)).toString(), wider: null };
  }
  const [a, b, c, d] = parsed.parts.map((part) => part.toString(16));
  return { network: `${a}:${b}:${c}:${d}::/64`, wider: `${a}:${b}:${c}::/48` };
}

/** The narrower one of its networks alone. */
export const clientNetwork = (address: string): string => clientNetworks(address).network;

/** A client's network without its last part, for people to recognise: `203.0.113.*`, `2001:db8:1::/48`. */
export function maskNetwork(network: string): string {
  const parsed = parse(network.replace(/\/\d+$/, ""));
  if (parsed === null) return unreadable;
  if (parsed instanceof ipaddr.IPv4) return `${parsed.octets.slice(0, 3).join(".")}.*`;
  return `${parsed.parts
    .slice(0, 3)
    .map((part) => part.toString(16))
    .join(":")}::/48`;
}

/**
 * X-Forwarded-For with every address bare. Some proxies write the client's port as well: `203.0.113.8:50001` (Azure
 * Application Gateway), `[2001:db8::1]:50001`; taken as they are, each connection would be another client and no limit
 * would ever be reached (guard: api/forwarded-for.test.ts). What is no address becomes `unreadable`, which no list of
 * trusted proxies contains.
 */
export function bareForwardedFor(header: string): string {
  return header
    .split(",")
    .map((entry) => {
      const text = entry.trim().replace(/^"(.*)"$/, "$1");
      const bare = /^\[([^\]]*)\](:\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, "$1");
      return parse(bare)?.toString() ?? unreadable;
    })
    .join(", ");
}

/** Null for what is no address. IPv4 in four decimal parts alone: `127.1` and `0x7f.1` are no client's. */
function parse(address: string | undefined): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (address === undefined) return null;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address);
  return ipaddr.IPv6.isValid(address) ? ipaddr.IPv6.parse(address) : null;
}
