import type { Source } from "./config.ts";

/**
 * The environment without what Kubernetes puts there for each Service of the namespace, and Docker for each legacy
 * link: a Service named "api" makes `API_PORT=tcp://10.96.3.4:8000`, and nobody who writes a port means that.
 */
export function withoutServiceLinks(environment: Source): Source {
  const isLink = ([name, value = ""]: [string, string | undefined]) =>
    name.endsWith("_PORT") && /^(?:tcp|udp|sctp):\/\/\S+:\d+$/i.test(value.trim());
  return Object.fromEntries(Object.entries(environment).filter((entry) => !isLink(entry)));
}
