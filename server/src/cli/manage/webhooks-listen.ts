import { createServer } from "node:http";
import { readBody } from "../../kernel/read-body.ts";
import { isSigned, readWebhookSecret } from "../../kernel/webhook-signature.ts";
import type { AppContext } from "../command/contexts.ts";
import { CommandFailure } from "../terminal/terminal.ts";

const longestBody = 64 * 1024;

/**
 * A receiver for whoever writes one: an endpoint on this machine that lives as long as the command, whose events are verified as
 * a receiver has to and printed, one line each; that of a listener that was killed is removed first. Refused in production, where no endpoint may lead to the server's own machine.
 */
export async function listen(context: AppContext, port: number, events: readonly string[]): Promise<number> {
  const { app, terminal, actor, config, host, clock } = context;
  const isNamed = config.webhookPrivateHosts.includes("127.0.0.1");
  if (config.environment === "production" && !isNamed) {
    throw new CommandFailure(
      "生产环境不能用 listen：接收地址不得指向服务器本机。",
      "listen is for development: in production no endpoint may lead to the server’s own machine.",
    );
  }
  let secret: Buffer | null = null;
  const server = createServer(async (request, response) => {
    const raw = await readBody(request, longestBody, () => new Error("too large")).catch(() => null);
    const { headers } = request;
    const body = raw?.toString("utf8") ?? "";
    const signed = {
      ...{ id: String(headers["webhook-id"] ?? ""), timestamp: String(headers["webhook-timestamp"] ?? "") },
      ...{ signatures: String(headers["webhook-signature"] ?? ""), body },
    };
    const isRight = secret !== null && isSigned(secret, signed, Math.floor(clock.now() / 1000));
    response.writeHead(isRight ? 204 : 401).end();
    if (isRight) terminal.print(body);
    else
      terminal.note(
        { zh: "签名不对的请求被拒绝。", en: "A request with a wrong signature was refused." }[
          terminal.language
        ],
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${port}/`;
  try {
    // That of a listener that was killed: nobody else has the port.
    for (const stale of await app.webhooks.list()) {
      if (stale.url === url) await app.webhooks.remove(actor, stale.id);
    }
    const made = await app.webhooks.add(actor, { url, events });
    secret = readWebhookSecret(made.secret);
    terminal.note(
      {
        zh: `正在 127.0.0.1:${port} 接收事件；按 Ctrl+C 停止。`,
        en: `Receiving events at 127.0.0.1:${port}; stop it with Ctrl+C.`,
      }[terminal.language],
    );
    await new Promise<void>((resolve) => host.onSignal(() => resolve()));
    await app.webhooks.remove(actor, made.endpoint.id);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return 0;
}
