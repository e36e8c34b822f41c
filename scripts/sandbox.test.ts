import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { readConfig } from "../server/src/config/config.ts";
import { readSettings } from "../server/test/support/configured-providers.ts";

const main = fileURLToPath(new URL("sandbox.ts", import.meta.url));

test("npm run sandbox prints all a server needs to use it", async () => {
  const sandbox = spawn(process.execPath, [main], {
    env: { ...process.env, SANDBOX_PORT: "0", ENVIRONMENT: "development" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(sandbox, "exit");
  let printed = "";
  try {
    for await (const part of sandbox.stdout.setEncoding("utf8")) {
      printed += part;
      if (printed.includes("# Ctrl-C")) break;
    }
    const settings = parseEnv(printed);
    const config = readConfig(settings);
    const origin = /^QQ_BASE_URL=(http:\/\/127\.0\.0\.1:\d+)\/qq$/m.exec(printed)?.[1];
    const client = { clientId: "sandbox", clientSecret: "sandbox" };
    const addresses = [
      ["qq", { baseUrl: `${origin}/qq` }],
      ["weibo", { baseUrl: `${origin}/weibo` }],
      ["github", { baseUrl: `${origin}/github`, apiBaseUrl: `${origin}/github-api` }],
      ["wechat", { baseUrl: `${origin}/wechat`, apiBaseUrl: `${origin}/wechat-api` }],
      ["oidc", { name: "sandbox", issuer: `${origin}/oidc` }],
    ] as const;
    for (const [folder, address] of addresses)
      expect(readSettings(config, folder)).toMatchObject([{ ...client, ...address }]);
    expect(readSettings(config, "apple")).toMatchObject([
      { clientId: "sandbox", teamId: "SANDBOXTEA", baseUrl: `${origin}/apple` },
    ]);
    expect((await fetch(`${origin}/`)).status).toBe(200);
  } finally {
    sandbox.kill("SIGTERM");
    await ended;
  }
});

test("npm run sandbox refuses production", async () => {
  const sandbox = spawn(process.execPath, [main], {
    env: { ...process.env, SANDBOX_PORT: "0", ENVIRONMENT: "production" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let told = "";
  sandbox.stderr.setEncoding("utf8").on("data", (part: string) => {
    told += part;
  });
  const [code] = await once(sandbox, "close");
  expect(code).toBe(1);
  expect(told).toContain("does not run in production");
});
