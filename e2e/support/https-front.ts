/** Names of one's own over https, in front of the product: certificates, a proxy by host and path, a browser's arguments. */
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { makeCertificates } from "../../server/test/support/certificates.ts";

/** The port behind, or a page that is answered at once. */
export type Behind = number | { readonly html: string };

/** What came through, as the browser sent it and got it back. */
export interface Passed {
  readonly call: string;
  readonly origin: string | undefined;
  readonly cookie: string;
  readonly status: number;
  readonly setCookies: readonly string[];
}

export interface HttpsFront {
  readonly port: number;
  /** Oldest first; emptied by whoever looks for what follows. */
  readonly passed: Passed[];
  /** By these a Chromium leads the names here, and takes the certificate for good. */
  readonly chromiumArguments: readonly string[];
  close(): Promise<void>;
}

/** `behind` says where a request for one of the names goes. */
export async function openHttpsFront(
  names: readonly string[],
  behind: (host: string, path: string) => Behind,
): Promise<HttpsFront> {
  const certificates = makeCertificates(...names.map((name) => `DNS:${name}`));
  const [cert, key] = [readFileSync(certificates.certificate), readFileSync(certificates.key)];
  const passed: Passed[] = [];

  function note(incoming: IncomingMessage, status: number, setCookies: readonly string[] = []): void {
    const { method, headers, url = "/" } = incoming;
    passed.push({
      ...{ call: `${method} ${url.split("?")[0]}`, origin: headers.origin, cookie: headers.cookie ?? "" },
      ...{ status, setCookies },
    });
  }

  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const { method, headers, url = "/" } = incoming;
    const target = behind(headers.host?.split(":")[0] ?? "", url);
    if (typeof target === "object") {
      outgoing.setHeader("content-type", "text/html; charset=utf-8");
      outgoing.end(target.html);
      return;
    }
    const asked = request({ host: "127.0.0.1", port: target, path: url, method, headers }, (answer) => {
      note(incoming, answer.statusCode!, answer.headers["set-cookie"]);
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    asked.on("error", () => outgoing.destroy());
    incoming.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { publicKey } = new X509Certificate(cert);
  const spki = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    chromiumArguments: [
      `--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join(", ")}`,
      `--ignore-certificate-errors-spki-list=${spki}`,
    ],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      certificates.remove();
    },
  };
}
