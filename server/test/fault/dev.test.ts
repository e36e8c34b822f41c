import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { bareEnvironment } from "../support/false-clock.ts";
import { freePort } from "../support/free-port.ts";
import { descendants, killTree, waitUntil } from "../support/product-process.ts";

/** `npm run dev` in a copy of the tree, whose files can be changed. */
const root = resolve(import.meta.dirname, "../../..");
let copy: string;
let running: ChildProcess | null = null;

beforeAll(() => {
  // Within the tree, so that packages are found above it; our own are the copy's.
  mkdirSync(join(root, ".cache"), { recursive: true });
  copy = mkdtempSync(join(root, ".cache", "dev-test-"));
  const isWanted = (path: string) => !/[\\/](?:node_modules|dist)(?:[\\/]|$)/.test(path.slice(root.length));
  for (const name of [
    "server/src",
    "server/migrations",
    "server/package.json",
    "server/test/support/free-port.ts",
    "sandbox",
    "scripts",
    "web",
    "client",
  ]) {
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: isWanted });
  }
  for (const name of ["package.json", "tsconfig.json"]) cpSync(join(root, name), join(copy, name));
  mkdirSync(join(copy, "node_modules/@meiduo"), { recursive: true });
  symlinkSync("../../client", join(copy, "node_modules/@meiduo/client"));
});

afterEach(async () => {
  const processes = running?.pid === undefined ? [] : descendants(running.pid);
  if (running) killTree(running);
  running = null;
  await waitUntil(() => !processes.some(isAlive), 60, "the end of every process");
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

async function startDev(over: Record<string, string> = {}) {
  const [api, page] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [join(copy, "scripts/dev.ts")], {
    cwd: copy,
    env: {
      ...bareEnvironment(),
      ...{ API_PORT: String(api), WEB_PORT: String(page), DATA_DIR: join(copy, "data"), LOG_LEVEL: "warn" },
      ...over,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running = child;
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const says = (text: string, from = 0) =>
    waitUntil(
      () => output.includes(text, from) || child.exitCode !== null,
      120,
      `"${text}" after:\n${output}`,
    );
  return {
    ...{ child, ended, says, api: `http://127.0.0.1:${api}`, page: `http://127.0.0.1:${page}` },
    output: () => output,
    /** What a change makes it say: of what it says from now on. */
    async saysAfter(change: () => void, text: string) {
      const from = output.length;
      change();
      await says(text, from);
      expect(output.slice(from)).toContain(text);
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const edit = (file: string, from: string, to: string) => {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
};

it("serves where npm start does, starts the server again on a change, waits where it fails, and leaves no process", async () => {
  const dev = await startDev();
  await dev.says("is ready");
  for (const address of [`${dev.api}/docs`, dev.page, `${dev.api}/sandbox/mailbox/`]) {
    expect(dev.output()).toContain(address);
  }
  expect(dev.output()).toMatch(/Debugger .*127\.0\.0\.1:\d+/);
  const config = (await (await fetch(`${dev.page}/config.json`)).json()) as {
    apiUrl: string;
    providers: { mark: string }[];
  };
  expect(config.apiUrl).toBe(dev.api);
  expect(config.providers.length).toBeGreaterThan(0);
  for (const { mark } of config.providers) {
    expect((await fetch(dev.page + mark)).headers.get("content-type"), mark).toContain("image/svg+xml");
  }
  const ready = async () => (await fetch(`${dev.api}/healthz`)).status;
  expect(await ready()).toBe(200);

  const health = "server/src/http/health.ts";
  await dev.saysAfter(
    () => appendFileSync(join(copy, health), "\nexport const broken = (;\n"),
    "starts again when",
  );
  expect(dev.child.exitCode).toBe(null);
  await expect(ready()).rejects.toThrow();
  await dev.saysAfter(() => edit(health, "export const broken = (;", ""), "is ready");
  expect(await ready()).toBe(200);

  // A change of what is served, to see that it is the new one.
  await dev.saysAfter(() => edit("sandbox/mailbox-page.html", "<title>", "<title>changed "), "is ready");
  expect(await (await fetch(`${dev.api}/sandbox/mailbox/`)).text()).toContain("<title>changed ");

  const processes = descendants(dev.child.pid!);
  expect(processes.length).toBeGreaterThan(0);
  dev.child.kill("SIGINT");
  expect(await dev.ended).toBe(0);
  expect(processes.filter(isAlive)).toEqual([]);
});

it("replaces in the browser what changed in a page", async () => {
  const dev = await startDev();
  await dev.says("is ready");
  const page = await (await fetch(`${dev.page}/login`)).text();
  expect(page).toContain("/src/main.ts");
  const component = "/src/ui/NotFoundPage.vue";
  expect(await (await fetch(dev.page + component)).text()).toContain("createHotContext");
  const client = await (await fetch(`${dev.page}/@vite/client`)).text();
  const token = /wsToken = "([^"]+)"/.exec(client)![1]!;
  const socket = new WebSocket(`${dev.page.replace("http", "ws")}/?token=${token}`, "vite-hmr");
  const heard: { type: string; updates?: { path: string }[] }[] = [];
  socket.addEventListener("message", ({ data }) => heard.push(JSON.parse(String(data))));
  await waitUntil(() => heard.some(({ type }) => type === "connected"), 60, "Vite's greeting");
  edit(`web${component}`, "<template>", "<template>\n  <!-- changed -->");
  await waitUntil(
    () =>
      heard.some(
        ({ type, updates }) => type === "update" && updates?.some(({ path }) => path.startsWith(component)),
      ),
    60,
    "the update",
  );
  socket.close();
  dev.child.kill("SIGTERM");
  expect(await dev.ended).toBe(0);
});

it("serves below the path of PUBLIC_SITE_URL, as npm start does", async () => {
  const dev = await startDev({ PUBLIC_SITE_URL: "http://127.0.0.1/account" });
  await dev.says("is ready");
  const page = await (await fetch(`${dev.page}/account/login`)).text();
  const staff = await (await fetch(`${dev.page}/account/console/users`)).text();
  expect(staff).toContain('src="/account/src/console/main.ts"');
  const named = [...page.matchAll(/ (?:src|href)="([^"]+)"|"(?:texts|base)":"([^"]+)"/g)];
  const addresses = named.map(([, file, text]) => file ?? text!);
  expect(addresses).toEqual(
    expect.arrayContaining(["/account", "/account/src/main.ts", "/account/early.js", "/account/config.json"]),
  );
  for (const address of addresses) {
    expect(address).toMatch(/^\/account(?:\/|$)/);
    expect([address, (await fetch(dev.page + address)).status]).toEqual([address, 200]);
  }
  const config = (await (await fetch(`${dev.page}/account/config.json`)).json()) as {
    providers: { mark: string }[];
  };
  const mark = await fetch(dev.page + config.providers[0]!.mark);
  expect(mark.headers.get("content-type")).toContain("image/svg+xml");
  const preview = await (await fetch(`${dev.page}/account/sandbox/brand/page/log-in`)).text();
  expect(preview).toContain('src="/account/sandbox/brand/page-state.js"');
  dev.child.kill("SIGTERM");
  expect(await dev.ended).toBe(0);
});

it("shows a vendor's captcha in its frame, as npm start does", async () => {
  const sandbox = `127.0.0.1:${await freePort()}`;
  const dev = await startDev({
    ...{ PUBLIC_SITE_URL: "http://127.0.0.1/account", SANDBOX_PORT: sandbox.split(":")[1]! },
    CAPTCHA_URL: `hcaptcha+http://site-key:secret@${sandbox}`,
  });
  await dev.says("is ready");
  const config = (await (await fetch(`${dev.page}/account/config.json`)).json()) as { captcha: string };
  expect(config.captcha).toBe("hcaptcha");
  const frame = await (await fetch(`${dev.page}/account/captcha-frame`)).text();
  expect(JSON.parse(/id="captcha">([^<]*)</.exec(frame)![1]!)).toMatchObject({ kind: "hcaptcha" });
  const [, script] = /src="(\/account\/src\/captcha-frame\/[^"]+)"/.exec(frame)!;
  expect(await (await fetch(dev.page + script)).text()).toContain("widget");
  dev.child.kill("SIGTERM");
  expect(await dev.ended).toBe(0);
});

it("gives the site's sources to browsers, and neither the key nor the accounts beside them", async () => {
  const dev = await startDev();
  await dev.says("is ready");
  const key = readFileSync(join(copy, "data/secret-key"), "utf8").trim();
  const beside = ["data/secret-key", "data/meiduo.sqlite3", "server/src/main.ts", "package.json"];
  for (const path of beside.flatMap((file) => [`/@fs${copy}/${file}`, `/@fs${copy}/${file}?raw`])) {
    const answer = await fetch(dev.page + path);
    expect([path, answer.status]).toEqual([path, 403]);
    expect(await answer.text()).not.toContain(key);
  }
  const client = await fetch(`${dev.page}/@fs${copy}/client/src/client.ts`);
  expect([client.status, await client.text()]).toEqual([200, expect.stringContaining("export ")]);
  dev.child.kill("SIGTERM");
  expect(await dev.ended).toBe(0);
});

it("takes another debugger port where the usual one is taken, and its server ends with it", async () => {
  const usual = createServer();
  // Taken by this test, or by somebody else already: both will do.
  await new Promise<void>((resolve) =>
    usual.once("error", () => resolve()).listen(9229, "127.0.0.1", resolve),
  );
  try {
    const dev = await startDev();
    await dev.says("is ready");
    const port = /Debugger .*127\.0\.0\.1:(\d+)/.exec(dev.output())![1];
    expect(port).not.toBe("9229");
    expect(dev.output()).toContain(`Debugger listening on ws://127.0.0.1:${port}/`);
    const processes = descendants(dev.child.pid!);
    dev.child.kill("SIGKILL");
    await waitUntil(() => !processes.some(isAlive), 60, "the end of the server");
  } finally {
    usual.close();
  }
});

it("is refused in production", async () => {
  const dev = await startDev({
    ...{ ENVIRONMENT: "production", SECRET_KEY: "k".repeat(43), SMTP_URL: "smtp://127.0.0.1:25" },
    CORS_ORIGIN_WHITELIST: "https://www.example.com",
  });
  expect(await dev.ended).toBe(1);
  expect(dev.output()).toMatch(/development.*开发/s);
});
