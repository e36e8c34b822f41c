import { spawnSync } from "node:child_process";

/** Of this machine's npm and Node, what they need to reach the registry: for an npm that has a home of its own. */
export function networkSettings(): Record<string, string> {
  const names = /^(?:NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy|npm_config_registry)$/i;
  const found = Object.entries(process.env).filter(([name]) => names.test(name)) as [string, string][];
  return { ...npmSetting("registry"), ...npmSetting("cafile"), ...Object.fromEntries(found) };
}

function npmSetting(name: string): Record<string, string> {
  const { stdout = "" } = spawnSync("npm", ["config", "get", name], { encoding: "utf8" });
  const value = stdout.trim();
  return value === "" || value === "null" ? {} : { [`npm_config_${name}`]: value };
}
