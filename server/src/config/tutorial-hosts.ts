import { isIPv4 } from "node:net";
import { ConfigError, configProblem } from "../errors/config-problem.ts";
import { SettingProblem } from "../errors/setting-problem.ts";
import type { Source } from "./config.ts";

/**
 * The tutorial's layout, `start --hosts`: the site at www.meiduo.com:8080, the API at api.meiduo.com:8000, two names
 * of this machine that are in its hosts file. Its front ends have these addresses written into them.
 *
 * Never edits the hosts file, which belongs to the machine's administrator: says what is missing there.
 */
export const siteHost = "www.meiduo.com";
export const apiHost = "api.meiduo.com";
const hostsLine = `127.0.0.1 ${siteHost} ${apiHost}`;
/** A name server out of reach would keep a look-up waiting for half a minute. */
const lookupLimitMs = 3_000;

/** The settings of the layout over the others; ports stay as chosen. Refused in production, which needs TLS. */
export function withTutorialHosts(source: Source): Source {
  if (source.ENVIRONMENT?.trim() === "production") {
    throw new ConfigError([configProblem("--hosts", new SettingProblem("tutorialHosts"))]);
  }
  const site = `http://${siteHost}:${source.WEB_PORT?.trim() || "8080"}`;
  const api = `http://${apiHost}:${source.API_PORT?.trim() || "8000"}`;
  const listed = source.CORS_ORIGIN_WHITELIST?.split(",") ?? [];
  // The tutorial lists the API's own origin too: its /test/ page calls from there.
  const origins = [...listed.map((origin) => origin.trim()).filter((origin) => origin !== ""), site, api];
  return {
    ...source,
    PUBLIC_SITE_URL: site,
    PUBLIC_API_URL: api,
    CORS_ORIGIN_WHITELIST: [...new Set(origins)].join(","),
  };
}

/** Looks a name up as a browser on this machine would: the hosts file first. */
export type LookUp = (name: string) => Promise<readonly string[]>;

/** What to tell the person at the terminal: that both names lead here, or the line to add to the hosts file. */
export async function describeTutorialHosts(
  lookUp: LookUp,
  platform: string,
  limitMs: number = lookupLimitMs,
): Promise<string> {
  const led = await Promise.all([siteHost, apiHost].map((name) => findAddresses(lookUp, name, limitMs)));
  if (led.every((addresses) => addresses.some(isThisMachine))) {
    return `Names    域名  ${siteHost} and ${apiHost} lead to this machine. 两个域名都指向本机。`;
  }
  const file = platform === "win32" ? String.raw`C:\Windows\System32\drivers\etc\hosts` : "/etc/hosts";
  const found = [siteHost, apiHost].map((name, index) => `${name} → ${led[index]!.join(", ") || "?"}`);
  return [
    `Names    域名  ${found.join("; ")}`,
    "",
    `  The names do not lead to this machine yet. Add this line to ${file} as administrator, then reload the page.`,
    `  域名还没有指向本机。请以管理员身份把下面这一行加入 ${file}，然后刷新页面：`,
    "",
    `      ${hostsLine}`,
    "",
    ...(platform === "win32" ? [] : [`  echo '${hostsLine}' | sudo tee -a ${file}`, ""]),
  ].join("\n");
}

async function findAddresses(lookUp: LookUp, name: string, limitMs: number): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), limitMs);
  });
  // A name that is unknown, and a name server that is away, are the same to the reader: the line is missing.
  return Promise.race([lookUp(name).catch(() => []), late]).finally(() => clearTimeout(timer));
}

/** The servers listen on IPv4's loopback, so ::1 would not reach them. */
function isThisMachine(address: string): boolean {
  return isIPv4(address) && address.startsWith("127.");
}
