/**
 * The proxy of a shop that has the account site and its API under paths of its own origin, as an nginx in front of all three
 * would. What it passes on to nobody it notes: a page of ours that leaves its path is found by it.
 */
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface OneOriginProxy {
  readonly url: string;
  /** Where the site and the API listen. */
  ports: { site: number; api: number };
  /** Whether the site's requests arrive without its path. */
  stripsSitePath: boolean;
  /** What was asked for below neither path, and is no page of the shop. */
  readonly strays: string[];
  close(): Promise<void>;
}

const shopPages = /^\/(?:cart|shop)(?:\?|$)/;

/** `sitePath` and `apiPath` such as `/account`; the API's is passed on (PROXY_KEEPS_PATH). */
export async function startOneOriginProxy(sitePath: string, apiPath: string): Promise<OneOriginProxy> {
  const server = createServer((incoming, outgoing) => {
    const { url = "/" } = incoming;
    const isBelow = (path: string) => url === path || url.startsWith(`${path}/`);
    if (shopPages.test(url)) {
      outgoing.setHeader("content-type", "text/html; charset=utf-8");
      outgoing.end(`<!doctype html><link rel="icon" href="data:,"><h1>Shop</h1><p>${url}</p>`);
    } else if (isBelow(apiPath)) {
      passOn(incoming, outgoing, proxy.ports.api, url);
    } else if (isBelow(sitePath)) {
      passOn(incoming, outgoing, proxy.ports.site, proxy.stripsSitePath ? url.slice(sitePath.length) : url);
    } else {
      proxy.strays.push(url);
      outgoing.writeHead(404).end("the shop has no such page");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: OneOriginProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ports: { site: 0, api: 0 },
    stripsSitePath: false,
    strays: [],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, port: number, path: string): void {
  const { method, headers } = incoming;
  const passed = ask({ host: "127.0.0.1", port, path: path || "/", method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
  });
  passed.once("error", () => outgoing.destroy());
  incoming.pipe(passed);
}
