import { readFileSync } from "node:fs";
import { SettingProblem } from "../../errors/setting-problem.ts";
import { withoutPercent } from "../../kernel/settings/percent.ts";

/**
 * Where Redis is, from one URL:
 *
 *   redis://user:password@host:6379/0                    one server; rediss:// with TLS
 *   redis+sentinel://:password@host1:26379,host2/master/0   the master that the Sentinels name
 *   redis+cluster://:password@host1:7000,host2:7001       a Cluster, any of its nodes
 *
 * `rediss+…` speaks TLS to all of them, to the Sentinels too, and checks certificate and name. Name your own
 * authority at the end, `?tls_ca=/path/ca.crt` (PEM), which is then the only one trusted; or in NODE_EXTRA_CA_CERTS.
 * Sentinels that ask for a password (their `requirepass`) get `?sentinel_password=…`, with an ACL `&sentinel_username=…`;
 * user and password before the @ are Redis' own and are never shown to a Sentinel.
 */
export interface RedisAddress {
  readonly mode: "single" | "sentinel" | "cluster";
  readonly tls: boolean;
  /** With TLS: the certificate of the authority, PEM; null for the well-known ones. */
  readonly authority: string | null;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly username: string | null;
  readonly password: string | null;
  /** Sentinel: the master's name. */
  readonly master: string | null;
  /** The log-in at the Sentinels themselves; null where they ask for none. */
  readonly sentinelUsername: string | null;
  readonly sentinelPassword: string | null;
  readonly db: number;
}

const defaultPorts = { single: 6379, sentinel: 26379, cluster: 6379 };

/** Throws a SettingProblem that never repeats the URL, because that holds a password. */
export function parseRedisUrl(url: string): RedisAddress {
  const match =
    /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^?#]+))?$/.exec(
      url,
    );
  if (!match) throw new SettingProblem("redisForm");
  const [, secure, form, login = "", hostList = "", path = "", query = ""] = match;
  const {
    tls_ca: authorityFile,
    sentinel_username: sentinelUsername,
    sentinel_password: sentinelPassword,
  } = parseQuery(query);
  if (authorityFile && !secure) throw new SettingProblem("redisAuthorityNeedsTls");
  const mode = (form ?? "single") as RedisAddress["mode"];
  if ((sentinelUsername || sentinelPassword) && !(mode === "sentinel" && sentinelPassword)) {
    throw new SettingProblem("redisSentinelLogIn");
  }
  const hosts = hostList.split(",").map((item) => parseHost(item, defaultPorts[mode]));
  if (mode === "single" && hosts.length > 1) throw new SettingProblem("redisManyHosts");
  const segments = path === "" ? [] : path.split("/");
  const master = mode === "sentinel" ? withoutPercent(segments.shift() ?? "", "redisPercent") : null;
  if (master === "") throw new SettingProblem("redisMaster");
  const db = segments.length === 0 ? 0 : Number(segments[0]);
  if (!Number.isInteger(db) || db < 0 || segments.length > 1) {
    throw new SettingProblem("redisPath");
  }
  if (mode === "cluster" && db !== 0) throw new SettingProblem("redisClusterDatabase");
  const colon = login.indexOf(":");
  const username = withoutPercent(colon < 0 ? login : login.slice(0, colon), "redisPercent");
  const password = colon < 0 ? "" : withoutPercent(login.slice(colon + 1), "redisPercent");
  return {
    ...{ mode, hosts, master, db },
    tls: secure === "s",
    authority: authorityFile ? readAuthority(authorityFile) : null,
    sentinelUsername: sentinelUsername ?? null,
    sentinelPassword: sentinelPassword ?? null,
    username: username || null,
    password: password || null,
  };
}

type QueryName = "tls_ca" | "sentinel_username" | "sentinel_password";

function parseQuery(query: string): { readonly [Name in QueryName]?: string } {
  const found: { [Name in QueryName]?: string } = {};
  for (const item of query === "" ? [] : query.split("&")) {
    const match = /^(tls_ca|sentinel_username|sentinel_password)=(.+)$/.exec(item);
    const [, name, value] = match ?? [];
    if (!name || !value || found[name as QueryName] !== undefined) throw new SettingProblem("redisForm");
    found[name as QueryName] = withoutPercent(value, "redisPercent");
  }
  return found;
}

function parseHost(item: string, defaultPort: number): { host: string; port: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(item.trim());
  const port = match?.[2] ? Number(match[2]) : defaultPort;
  if (!match?.[1] || port < 1 || port > 65535) throw new SettingProblem("redisHost");
  return { host: match[1].replace(/^\[|\]$/g, ""), port };
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingProblem("fileUnreadable", { parameter: "tls_ca", reason: (error as Error).message });
  }
}
