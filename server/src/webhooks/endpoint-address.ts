import { refuseNumber } from "../hooks/guarded-agent.ts";

/**
 * Whether a person may enter this address as an endpoint's: https, no log-in, no number of a private network however it is
 * spelled, no port of another protocol; a host that the operator names may be private, and http. What a name leads to is checked
 * at each connection (hooks/guarded-agent.ts). Attack: an administrator's account used to reach what only this server can (SSRF);
 * guard: endpoint-address.test.ts.
 */
export type AddressProblem = "not_a_web_address" | "webhook_not_https" | "webhook_private_address";

const longest = 2000;
/** Below them are mail, SSH and their like, which a request of HTTP could be made to speak to. */
const firstFreePort = 1024;

/** The address as it is kept, or what is wrong with it. */
export function readEndpointUrl(
  raw: string,
  privateHosts: readonly string[],
): { readonly url: string } | { readonly problem: AddressProblem } {
  const url = URL.parse(raw);
  const isWeb = url !== null && /^https?:$/.test(url.protocol) && url.href.length <= longest;
  if (!isWeb || url.username !== "" || url.password !== "") return { problem: "not_a_web_address" };
  const isNamed = privateHosts.includes(url.hostname);
  if (url.protocol === "http:" && !isNamed) return { problem: "webhook_not_https" };
  const port = url.port === "" ? firstFreePort : Number(url.port);
  if (port < firstFreePort && !isNamed) return { problem: "not_a_web_address" };
  const isLocal = /(^|\.)(localhost|local|internal|localdomain)\.?$/.test(url.hostname);
  if (isLocal && !isNamed) return { problem: "webhook_private_address" };
  try {
    refuseNumber(url.href, privateHosts, "WEBHOOK_PRIVATE_HOSTS");
  } catch {
    return { problem: "webhook_private_address" };
  }
  url.hash = "";
  return { url: url.href };
}
