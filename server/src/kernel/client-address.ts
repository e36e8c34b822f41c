import ipaddr from "ipaddr.js";

/** Reading addresses of clients, by a library: each form that is not recognised would be a client of its own. */

/** Stands for every client whose address can't be read: they share one count, so none escapes the limits by it. */
const unreadable = "unreadable";

/**
 * What a limit per client counts by: an IPv4 address, or the first 64 bits of an IPv6 address. Every household
 * and rented server is given at least that many IPv6 addresses (RFC 6177), so that counted one by one its
 * limits would never be reached. An IPv4 address in IPv6's form, mapped (RFC 4291 section 2.5.5.2) or through NAT64
 * (RFC 6052), is the IPv4 address.
 */
export function clientNetwork(address: string): string {
  const parsed = parse(address);
  if (parsed === null) return unreadable;
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  if (parsed.range() === "rfc6052") return new ipaddr.IPv4(parsed.toByteArray().slice(12)).toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

/**
 * The /48 around an IPv6 network of `clientNetwork`; null for anything else. Hosters give whole ones to a customer (RFC 6177), who then has
 * 65,536 networks: counted one by one their limits would never be reached.
 */
export function widerNetwork(network: string): string | null {
  if (!network.endsWith("::/64")) return null;
  return `${network.split(":").slice(0, 3).join(":")}::/48`;
}

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
