import { sandboxCaptchas } from "../sandbox/captchas.ts";
import { createSandbox, sandboxSettings } from "../sandbox/sandbox.ts";
import { withoutServiceLinks } from "../server/src/config/service-links.ts";
import { readTool } from "./read-options.ts";

/**
 * `npm run sandbox`: the imitated providers on 127.0.0.1, until Ctrl-C. What it prints is, as it stands, the `.env` of
 * a server that uses it.
 */
readTool("sandbox");
const port = Number(withoutServiceLinks(process.env).SANDBOX_PORT ?? 8001);
const app = await createSandbox({ environment: process.env.ENVIRONMENT ?? "development" }).catch(fail);
await app.listen({ host: "127.0.0.1", port }).catch(fail);
const address = app.server.address();
const origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : port}`;
const settings = Object.entries(sandboxSettings(origin)).map(([name, value]) => `${name}=${value}`);
process.stdout.write(
  `# Sandbox of third-party log-ins  第三方登录沙箱  ${origin}
# Settings of a server that uses it; put them into its .env file. 使用它的服务器的设置，写入 .env 文件即可。
${settings.join("\n")}
# Captchas, one at a time; asked for from the second SMS of an hour on. 人机验证，每次用一种；一小时内第二条短信起要求。
${sandboxCaptchas(origin)
  .map((url) => `#CAPTCHA_URL=${url}`)
  .join("\n")}
#CAPTCHA_AFTER_SMS=1
#SMS_REQUEST_LIMIT=100
# Ctrl-C ends it. 按 Ctrl-C 结束。
`,
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app.close());

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
