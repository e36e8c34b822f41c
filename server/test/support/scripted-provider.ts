import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createUpstream, type Upstream, upstreamDefaults } from "../../src/identities/providers/upstream.ts";

/** A provider that answers each path with a recorded text, whatever is asked, and keeps what was asked. */
export interface ScriptedProvider {
  readonly origin: string;
  readonly upstream: Upstream;
  readonly seen: { method: string; path: string; headers: IncomingMessage["headers"]; body: string }[];
  /** By path; status 200 unless given. */
  answers: Record<string, string | { status: number; text: string; type?: string }>;
  close(): Promise<void>;
}

export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const url = new URL(request.url ?? "/", "http://provider.invalid");
    const { method = "", headers } = request;
    provider.seen.push({ method, path: url.pathname + url.search, headers, body });
    const found = provider.answers[url.pathname] ?? { status: 404, text: "nothing scripted" };
    const answer = typeof found === "string" ? { status: 200, text: found, type: undefined } : found;
    response.writeHead(answer.status, { "content-type": answer.type ?? "text/plain" }).end(answer.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const upstream = createUpstream({ ...upstreamDefaults, proxy: { http: "", https: "", except: "" } });
  const provider: ScriptedProvider = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    upstream,
    seen: [],
    answers: {},
    async close() {
      await upstream.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}

/** Settings that lead a client there. */
export function settingsFor(provider: ScriptedProvider) {
  return {
    clientId: "client-1",
    clientSecret: "secret-1",
    redirectUri: "https://www.example.com/oauth/callback/x",
    baseUrl: provider.origin,
    apiBaseUrl: provider.origin,
  };
}
