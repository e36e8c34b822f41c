import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refuseUnsafe } from "../src/cli/doctor/settings-checks.ts";
import { readConfig } from "../src/config/config.ts";
import { freePort } from "./support/free-port.ts";
import { hasNginx, type Nginx, startNginx } from "./support/nginx.ts";
import { notTested } from "./support/not-tested.ts";

const file = resolve(import.meta.dirname, "../../deploy/nginx/below-a-path.conf");
const text = readFileSync(file, "utf8");
const settings = parseEnv(text.replaceAll(/^#\s+(?=[A-Z_]+=)/gm, ""));

test("the settings that it asks for are complete, and are those of its paths", () => {
  const config = readConfig({
    ...{ ENVIRONMENT: "production", SECRET_KEY: "kJ8s0d2LmQ4xv9Zt1WcR7pYbN5hGf3aE6uXoTiVq" },
    ...{ SMTP_URL: "smtps://a:b@smtp.example.com", DATA_DIR: "/nowhere" },
    ...{ PUBLIC_SITE_URL: settings.PUBLIC_SITE_URL, PUBLIC_API_URL: settings.PUBLIC_API_URL },
    ...{ CORS_ORIGIN_WHITELIST: settings.CORS_ORIGIN_WHITELIST, TRUST_PROXY: settings.TRUST_PROXY },
    PROXY_KEEPS_PATH: settings.PROXY_KEEPS_PATH,
  });
  expect(config.apiBasePath).toBe("/account-api");
  expect(() => refuseUnsafe(config)).not.toThrow();
  for (const url of [config.publicSiteUrl, config.publicApiUrl])
    expect(text).toContain(`location ${new URL(url).pathname}/ {`);
  expect(text).toContain(`server_name ${new URL(config.publicSiteUrl).hostname};`);
});

test("a visitor's X-Forwarded-For never arrives, and no URL with a code or an address is logged", () => {
  expect(text.match(/X-Forwarded-For .*/g)).toEqual(["X-Forwarded-For $remote_addr;"]);
  for (const path of ["account", "account-api"])
    expect(text).toMatch(new RegExp(`location /${path}/ \\{[^}]*access_log off;[^}]*proxy_pass`));
});

if (hasNginx) {
  /** Says what arrived at it. */
  const echo = (name: string): Server =>
    createServer(({ url, headers }, answer) => {
      const { host, "x-forwarded-for": forwarded } = headers;
      answer.end(JSON.stringify([name, url, host, forwarded]));
    });
  const servers = { site: echo("site"), api: echo("api"), shop: echo("shop") };
  let nginx: Nginx;
  let url: string;

  beforeAll(async () => {
    const ports: Record<string, number> = {};
    for (const [name, server] of Object.entries(servers)) {
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      ports[name] = (server.address() as AddressInfo).port;
    }
    const [port, plain] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${port}`;
    const blocks = text
      .replace("127.0.0.1:8000", `127.0.0.1:${ports.api}`)
      .replace("127.0.0.1:8080", `127.0.0.1:${ports.site}`)
      .replace("127.0.0.1:3000", `127.0.0.1:${ports.shop}`)
      .replace("listen 80;", `listen 127.0.0.1:${plain};`)
      .replace("listen 443 ssl http2;", `listen 127.0.0.1:${port};`)
      .replaceAll(/^ +ssl_.*$/gm, "");
    nginx = await startNginx(blocks, url);
  });
  afterAll(async () => {
    await nginx?.stop();
    for (const server of Object.values(servers)) await new Promise((done) => server.close(done));
  });

  test.each([
    ["/account/login?next=/cart", ["site", "/account/login?next=/cart"]],
    ["/account/account/password", ["site", "/account/account/password"]],
    ["/.well-known/change-password", ["site", "/.well-known/change-password"]],
    ["/account-api/users/authorizations/", ["api", "/account-api/users/authorizations/"]],
    ["/account-api/users/a%2Fb%40c/count/?x=%2F", ["api", "/account-api/users/a%2Fb%40c/count/?x=%2F"]],
    ["/cart?id=7", ["shop", "/cart?id=7"]],
    ["/accounts", ["shop", "/accounts"]],
    ["/", ["shop", "/"]],
  ])("nginx brings %s to %j, with the visitor's own host and address", async (path, arrived) => {
    const answer = await fetch(url + path, { headers: { "x-forwarded-for": "203.0.113.1" } });
    expect(await answer.json()).toEqual([...arrived, "127.0.0.1", "127.0.0.1"]);
  });

  test("nginx leads the path without its slash to the site", async () => {
    const answer = await fetch(`${url}/account`, { redirect: "manual" });
    expect([answer.status, new URL(answer.headers.get("location")!).pathname]).toEqual([301, "/account/"]);
  });
} else notTested("nginx, for deploy/nginx/below-a-path.conf (apt-get install nginx)");
