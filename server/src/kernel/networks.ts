import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Lists of networks in CIDR's notation: `192.0.2.0/24`, `2001:db8::/32`; an address by itself is a network of one. */

/** As it is kept; null for what is none. Its host bits are cleared: `192.0.2.7/24` is `192.0.2.0/24`. */
export function readNetwork(text: string): string | null {
  const [address = "", bits, ...more] = text.trim().split("/");
  const longest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  // A zone (`fe80::1%eth0`) is this machine's own affair.
  if (longest === 0 || more.length > 0 || address.includes("%")) return null;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= longest)) return null;
  const cidr = `${address}/${bits ?? longest}`;
  const base = longest === 32 ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${base.networkAddressFromCIDR(cidr).toString()}/${Number(bits ?? longest)}`;
}

/** Whether the address is in one of them. An IPv4 address in IPv6's form is the IPv4 address. What is none is in none. */
export function isWithinNetworks(address: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const client = ipaddr.process(address);
  return networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === client.kind() && client.match(base, bits);
  });
}
