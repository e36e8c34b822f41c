import { networkInterfaces } from "node:os";

/** An address of this machine, written as URLs write it: an IPv6 one in brackets. */
export interface OwnAddress {
  readonly host: string;
  /** Reached from this machine alone. */
  readonly isLoopback: boolean;
}

/**
 * This machine's addresses now. Link-local ones are left out: they need a zone, which no URL can say. Empty where the
 * system doesn't tell them (a systemd unit without AF_NETLINK).
 */
export function ownAddresses(read = networkInterfaces): OwnAddress[] {
  try {
    return Object.values(read()).flatMap((addresses = []) =>
      addresses
        .filter(({ address }) => !/^fe[89ab]/i.test(address))
        .map(({ address, internal }) => ({ host: hostOf(address), isLoopback: internal })),
    );
  } catch {
    return [];
  }
}

/** Whether a host, as URLs write it, is this machine: a loopback name or address, or one of its addresses. */
export type IsOwnHost = (host: string, localAddress: string | undefined) => boolean;

/**
 * `localAddress` is that of the connection: an address the machine was given after the start is known by it, and one
 * that the system doesn't tell.
 */
export function createIsOwnHost(addresses: readonly OwnAddress[] = ownAddresses()): IsOwnHost {
  const own = new Set(addresses.map(({ host }) => host));
  return (host, localAddress) =>
    isLoopbackHost(host) || own.has(host) || (localAddress !== undefined && hostOf(localAddress) === host);
}

/** Names and addresses that lead to the reader's own machine; `.localhost` by RFC 6761. */
export function isLoopbackHost(host: string): boolean {
  return /^((?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(host);
}

/** Of a connection's end; an IPv4 address may come in IPv6's form. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address === undefined || /^(::ffff:)?127\.|^::1$/.test(address);
}

/** An address of a connection or an interface as a URL has it. */
function hostOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  return URL.parse(`http://${plain.includes(":") ? `[${plain}]` : plain}/`)?.hostname ?? plain;
}
