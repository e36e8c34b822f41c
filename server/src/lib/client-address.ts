import { isIPv6 } from "node:net";

/**
 * What a limit per client counts by: an IPv4 address, or the first 64 bits of an IPv6 address. Every household
 * and rented server is given at least that many IPv6 addresses (RFC 6177), so that counted one by one its
 * limits would never be reached. An IPv4 address in IPv6's form is the IPv4 address.
 */
export function clientNetwork(address: string): string {
  const plain = address.replace(/%.*$/, "");
  if (!isIPv6(plain)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    // An IPv4 address at the end stands for two groups.
    const end = tail === "" ? 0 : tail.split(":").length + (tail.includes(".") ? 1 : 0);
    while (groups.length + end < 8) groups.push("0");
    if (groups.length < 4) groups.push(...tail.split(":"));
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}
