import { accessSync, constants } from "node:fs";
import { isIP, isIPv4, isIPv6 } from "node:net";
import { SettingProblem } from "../../errors/setting-problem.ts";
import { itemsOf } from "./variable.ts";

/** Settings that say where something is on the network, and what is wrong with them. */

/** An address to listen on: IPv4, IPv6 with or without brackets, or a host name. IPv6 comes back without. */
export function readHost(raw: string): string {
  const plain = /^\[(.*)\]$/.exec(raw)?.[1] ?? raw;
  if (isIPv6(plain)) {
    // These need a zone (`%eth0`), which no URL can say; and every printed address and origin is one.
    if (/%|^fe[89ab]/i.test(plain)) throw new SettingProblem("hostLinkLocal");
    return plain;
  }
  const isName = raw === plain && /^[a-z\d]([\w.-]*[a-z\d])?$/i.test(raw) && !/^[\d.]+$/.test(raw);
  // The URL parser has its own idea of addresses (0x7f.1); what it would change reads as one thing and is another.
  const isSame = isName && urlOf(raw)?.hostname === raw.toLowerCase();
  if (isIPv4(raw) || isSame) return raw;
  throw new SettingProblem("host", { value: raw });
}

/** How browsers on this machine reach a server that listens on the host; an IPv6 address in brackets. */
export function urlHost(host: string): string {
  const name = urlOf(isIPv6(host) ? `[${host}]` : host)?.hostname ?? host;
  return name === "0.0.0.0" || name === "[::]" ? "127.0.0.1" : name;
}

/** Whether a server that listens there is reached by every address of the machine. */
export function isWildcard(host: string): boolean {
  return /^(0\.0\.0\.0|\[::\])$/.test(urlOf(isIPv6(host) ? `[${host}]` : host)?.hostname ?? "");
}

/** Hosts as a Host header names them, without scheme and port; `*` for all. They come back as URLs write them. */
export function readAllowedHosts(raw: string): readonly string[] {
  return itemsOf(raw).map((item) => {
    if (item === "*") return item;
    try {
      const host = readHost(item);
      return urlOf(isIPv6(host) ? `[${host}]` : host)?.hostname ?? host;
    } catch (error) {
      if (error instanceof SettingProblem) throw new SettingProblem("allowedHost", { value: item });
      throw error;
    }
  });
}

function urlOf(host: string): URL | null {
  return URL.parse(`http://${host}/`);
}

export type TrustProxy = boolean | number | string[];

/** Names that Fastify has for the private networks. */
const networks: readonly string[] = ["loopback", "linklocal", "uniquelocal"];

/** A number of hops or a list of addresses and networks, as Fastify's trustProxy takes them. */
export function readTrustProxy(raw: string): TrustProxy {
  if (raw === "0" || raw === "false") return false;
  if (/^\d{1,2}$/.test(raw)) return Number(raw);
  const list = raw.split(",").map((item) => item.trim());
  const wrong = list.find((item) => !networks.includes(item) && !isNetwork(item));
  if (wrong === undefined) return list;
  // "true" would believe whatever a visitor claims in X-Forwarded-For.
  throw new SettingProblem("trustProxy", { value: wrong });
}

function isNetwork(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const longest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (longest === 0 || more.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= longest);
}

/** An outgoing proxy's address. Never quoted: it may hold a password. */
export function readOutgoingProxy(raw: string): string {
  const url = URL.parse(raw);
  if (url && /^(https?|socks5?):$/.test(url.protocol) && url.hostname !== "") return raw;
  throw new SettingProblem("outgoingProxy");
}

/**
 * A database: `postgres://…` as libpq writes it, or `sqlite:` and a file. Never quoted: it may hold a password.
 */
export function readDatabaseUrl(raw: string): string {
  if (/^sqlite:/.test(raw)) {
    if (/^sqlite:(\/\/)?$/.test(raw)) throw new SettingProblem("databaseNoFile");
    return raw;
  }
  // As pg reads it: it mends spaces and stray percent signs, and without a host takes this machine's socket.
  const isMended = / |%[^a-f0-9]|%[a-f0-9][^a-f0-9]/i.test(raw);
  const text = isMended ? encodeURI(raw).replace(/%25(\d\d)/g, "%$1") : raw;
  const url = URL.parse(text) ?? URL.parse(text.replace("@/", "@localhost/"));
  if (!url || !isReadable(url)) throw new SettingProblem("databaseUnreadable");
  for (const parameter of ["sslrootcert", "sslcert", "sslkey"]) {
    const file = url.searchParams.get(parameter);
    if (file) expectReadable(file, parameter);
  }
  return raw;
}

/** pg reads these files at each connection, where a missing one would look like a database out of reach. */
function expectReadable(file: string, parameter: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new SettingProblem("fileUnreadable", { parameter, reason: (error as Error).message });
  }
}

function isReadable({ username, password, pathname, hostname }: URL): boolean {
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    return !/\s/.test(decodeURIComponent(hostname));
  } catch {
    return false;
  }
}
