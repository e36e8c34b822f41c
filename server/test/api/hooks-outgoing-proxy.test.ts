import { readFileSync } from "node:fs";
import { createServer as createProxy, type Server } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createHttpHooks } from "../../src/hooks/http-hooks.ts";
import { readWebhookSecret } from "../../src/kernel/webhook-signature.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { fakeClock } from "../support/fake-clock.ts";

/**
 * Hooks by a proxy that really tunnels. The hooks' hosts exist nowhere, so that an answer can only have come through it.
 */
const host = "hooks.shop.invalid";
const secret = readWebhookSecret(`whsec_${Buffer.alloc(32, 7).toString("base64")}`);
const event = { user_id: 1, username: "python01", email: null, is_staff: false, is_superuser: false };

let certificates: Certificates;
let trusted: string[];
let service: Server;
let proxy: Server;
const tunnels: { to: string; authorization: string | undefined }[] = [];
const told: string[] = [];
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const listening = (server: Server) =>
  new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));

beforeAll(async () => {
  certificates = makeCertificates(`DNS:${host}`, "DNS:localhost");
  trusted = getCACertificates("default");
  setDefaultCACertificates([...trusted, readFileSync(certificates.authority, "utf8")]);
  const identity = { key: readFileSync(certificates.key), cert: readFileSync(certificates.certificate) };
  service = createServer(identity, (request, response) => {
    request.on("data", (piece) => told.push(String(piece)));
    request.on("end", () => {
      response.setHeader("content-type", "application/json").end('{"shop:level":3}');
    });
  });
  proxy = createProxy((_, response) => void response.writeHead(500).end());
  proxy.on("connect", (request, socket) => {
    tunnels.push({ to: request.url!, authorization: request.headers["proxy-authorization"] });
    const onward = connect(portOf(service), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  await Promise.all([listening(service), listening(proxy)]);
});
afterAll(async () => {
  for (const server of [service, proxy]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  setDefaultCACertificates(trusted);
  certificates.remove();
});
beforeEach(() => {
  tunnels.length = 0;
  told.length = 0;
});

interface Ways {
  readonly url?: string;
  readonly privateHosts?: readonly string[];
  readonly except?: string;
}

async function askClaims({ url = `https://${host}/claims`, privateHosts = [], except = "" }: Ways = {}) {
  const { hooks, close } = createHttpHooks(
    {
      ...{ hookUrls: { claims: url }, hookSecret: secret, hookPrivateHosts: privateHosts },
      hookTimeoutMillis: 30_000,
      outgoingProxy: { http: "", https: `http://me:proxy-password@127.0.0.1:${portOf(proxy)}`, except },
    },
    fakeClock(),
  );
  try {
    const asked = { ...event, way: "password" as const, provider: null };
    return await hooks.claims!(asked, new AbortController().signal);
  } finally {
    await close();
  }
}

describe("a hook behind HTTPS_PROXY", () => {
  it("is asked through a tunnel, whose proxy sees its name and nothing else", async () => {
    expect(await askClaims()).toEqual({ "shop:level": 3 });
    const authorization = `Basic ${btoa("me:proxy-password")}`;
    expect(tunnels).toEqual([{ to: `${host}:443`, authorization }]);
    expect(told.join("")).toContain('"username":"python01"');
  });

  it.each(["NO_PROXY", "HOOK_PRIVATE_HOSTS"])("is asked straight where %s names it", async (variable) => {
    const ways = variable === "NO_PROXY" ? { except: `a.invalid,${host}` } : { privateHosts: [host] };
    await expect(askClaims(ways)).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
    expect(tunnels).toEqual([]);
  });

  it("of the site's own machine is asked straight, whatever the proxy", async () => {
    const url = `https://localhost:${portOf(service)}/claims`;
    expect(await askClaims({ url, privateHosts: ["localhost"] })).toEqual({ "shop:level": 3 });
    expect(tunnels).toEqual([]);
  });

  it.each(["https://10.0.0.1", "https://169.254.169.254", "https://[fd00::1]", "https://2130706433"])(
    "%s is not even asked of the proxy",
    async (url) => {
      await expect(askClaims({ url })).rejects.toThrow(/is no public address/);
      expect(tunnels).toEqual([]);
    },
  );
});
