import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { readConfig, type Source } from "../../config/config.ts";

/** Replaces port 0 by a free one before anything is derived from it: the other parts must know the address. */
export async function withFreePorts(source: Source): Promise<Source> {
  const names = ["API_PORT", "WEB_PORT"].filter((name) => source[name]?.trim() === "0");
  if (names.length === 0) return source;
  const ports = await freePorts(readConfig(source).host, names.length);
  return { ...source, ...Object.fromEntries(names.map((name, i) => [name, String(ports[i])])) };
}

/** Held all at once until all are known, so that none is found twice. */
async function freePorts(host: string, count: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer();
      probe.listen(0, host);
      await once(probe, "listening");
      return probe;
    }),
  );
  return Promise.all(
    probes.map(async (probe) => {
      const { port } = probe.address() as AddressInfo;
      probe.close();
      await once(probe, "close");
      return port;
    }),
  );
}
