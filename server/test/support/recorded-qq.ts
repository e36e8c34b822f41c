import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** QQ as the recorder's stand-in answered: `code-<openid>` is a good code. */
export interface RecordedQq {
  readonly origin: string;
  /** What an unmodified front end of the original is served with. */
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

export async function startRecordedQq(): Promise<RecordedQq> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://qq.invalid");
    const openid = /^(?:code|token)-(OPENID\d+)$/.exec(
      searchParams.get("code") ?? searchParams.get("access_token") ?? "",
    )?.[1];
    response.setHeader("content-type", "text/html");
    if (!openid) {
      response.end('callback( {"error":100019,"error_description":"code to access token error"} );\n');
    } else if (pathname === "/oauth2.0/token") {
      response.end(`access_token=token-${openid}&expires_in=7776000&refresh_token=refresh`);
    } else if (pathname === "/oauth2.0/me") {
      response.end(`callback( {"client_id":"100000001","openid":"${openid}"} );\n`);
    } else {
      response.end(JSON.stringify({ ret: 0, msg: "", nickname: "企鹅" }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    env: {
      OAUTH_STATE: "path",
      QQ_CLIENT_ID: "100000001",
      QQ_CLIENT_SECRET: "secret",
      QQ_REDIRECT_URI: "http://www.meiduo.com:8080/qq_oauth_callback.html",
      QQ_BASE_URL: origin,
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
