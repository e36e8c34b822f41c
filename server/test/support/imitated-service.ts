import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as a service got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it answers: a status and a body, or nothing at all, for ever. */
export type ServiceReply = readonly [status: number, body: string] | "silence" | "broken";

/** A service by HTTP on this machine that answers as the test says. */
export async function imitatedService(reply: (request: Received) => ServiceReply) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = {
      ...{ method: request.method ?? "", path: request.url ?? "", headers: request.headers },
      body: Buffer.concat(chunks).toString("utf8"),
    };
    if (one.method === "HEAD") return void response.writeHead(404).end();
    received.push(one);
    const answer = reply(one);
    if (answer === "silence") return;
    if (answer === "broken") return void request.socket.destroy();
    response.writeHead(answer[0], { "content-type": "application/json" }).end(answer[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    received,
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
