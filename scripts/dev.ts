/**
 * `npm run dev`: the product at the addresses of `npm start`, made anew while its sources change. Pages come from Vite,
 * which replaces what changed in the browser; a change of the server, its schema, the sandbox or `.env` starts the server
 * again. A server that can't start says why and waits for the next change. Ctrl-C ends everything. Never in production.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { createServer, type Plugin, type ViteDevServer } from "vite";
import { captchaPage } from "../server/src/captcha/captcha-page.ts";
import type { Config } from "../server/src/config/config.ts";
import { basePathOf } from "../server/src/kernel/public-address.ts";
import { brandedPage, pageParts } from "../server/src/site/branded-page.ts";
import { captchaFramePath, writeCaptchaInto } from "../server/src/site/captcha-frame.ts";
import { siteBrand } from "../server/src/site/page-brand.ts";
import { isConsolePage } from "../server/src/site/site-paths.ts";
import { createSiteTexts } from "../server/src/site/site-texts.ts";
import { type DevSettings, explainDevFailure, readDevSettings, readDevSource } from "./dev-settings.ts";
import { readTool } from "./read-options.ts";
import { type RestartedProcess, startRestarted } from "./restarted-process.ts";

const root = resolve(import.meta.dirname, "..");
/** What the server is made of. */
const serverSources = ["server/src", "server/migrations", "sandbox", ".env"].map((path) => join(root, path));
/**
 * What the pages are made of. Attack: Vite would give whoever reaches its port every file of the repository, DATA_DIR with
 * the key and the accounts first, to the whole network where HOST is 0.0.0.0 (guard: fault/dev.test.ts).
 */
const pageSources = ["web", "client/src", "node_modules"].map((path) => join(root, path));
/** Editors write a file in several steps, and several files at once. */
const quietMillis = 100;
const stopSeconds = 10;
/** What the site answers besides its pages, below its path; see server/src/site/site.ts. */
const siteAnswers = String.raw`(?:config\.json|texts/[\w.-]+\.json|healthz|avatar|provider-marks/[\w-]+\.svg|brand/[\w-]+\.\w+|manifest\.webmanifest|(?!(?:index|console|captcha)\.)\w+\.html)(?:\?|$)`;
/** Its pages in every state; see sandbox/page-preview.ts. */
const previews = "sandbox/brand/";

const say = (text: string) => void process.stdout.write(`${text}\n`);

readTool("dev");
await main().catch((error: unknown) => {
  process.stderr.write(`${explainDevFailure(error)}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const settings = await readDevSettings(readDevSource());
  // Its pages are never served; the site's own answers only need that there are some.
  const pages = join(root, "node_modules", ".cache", "dev-pages");
  mkdirSync(pages, { recursive: true });
  for (const page of ["index.html", "captcha.html"]) copyFileSync(join(root, "web", page), join(pages, page));
  say(
    `Development 开发模式: changes restart the server and replace what the page shows. 改动会重启服务器并更新页面。
  Debugger 调试  127.0.0.1:${settings.debuggerPort}
  Ctrl-C ends it. 按 Ctrl-C 结束。`,
  );
  const server = startServer(settings, pages);
  const site = await startSite(settings, server).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  watchServer(site, server);
  let stopping = false;
  const stop = async () => {
    // Ctrl-C comes from the terminal, and again from the launcher.
    if (stopping) return;
    stopping = true;
    await Promise.all([server.stop(), site.close()]);
    process.exit(0);
  };
  // Vite's own ends the process before the server has ended.
  process.removeAllListeners("SIGTERM");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
}

function startServer({ env, debuggerPort, answersPort }: DevSettings, pages: string): RestartedProcess {
  return startRestarted({
    args: [`--inspect=127.0.0.1:${debuggerPort}`, join(root, "scripts", "dev-server.ts")],
    env: {
      ...process.env,
      ...env,
      MEIDUO_DEV_ANSWERS: String(answersPort),
      MEIDUO_DEV_PAGES: pages,
    },
    stopSeconds,
    onFailure: (reason) =>
      say(
        `The server ended (${reason}); what it said stands above. It starts again when a file changes.\n` +
          `服务器已退出（${reason}），原因见上；文件改动后会重新启动。`,
      ),
  });
}

async function startSite({ config, answersPort }: DevSettings, server: RestartedProcess) {
  const base = basePathOf(config.publicSiteUrl);
  const below = (paths: string) => `^${base.replaceAll(".", "\\.")}/${paths}`;
  const texts = createSiteTexts(config.words, base);
  const parts = pageParts({
    ...{ brand: config.brand, site: siteBrand(config.brand, base), home: config.siteHomeUrl, base },
    words: config.words,
  });
  const captcha = captchaPage(config.captcha);
  const behind = {
    target: `http://127.0.0.1:${answersPort}`,
    // A page that is loaded while the server starts again waits for it.
    bypass: () => server.settled(),
  };
  const site = await createServer({
    configFile: join(root, "web", "vite.config.ts"),
    base: `${base}/`,
    logLevel: "warn",
    clearScreen: false,
    // Vite serves the page itself, so it is Vite that has to put the operator's name into it.
    plugins: [
      {
        name: "brand",
        transformIndexHtml: (page: string, { path }) =>
          captcha !== null && path.endsWith("/captcha.html")
            ? writeCaptchaInto(page, captcha)
            : texts.writeInto(brandedPage(page, parts)),
      },
      leadToSlash(base),
      otherPages(base, captcha !== null),
    ],
    server: {
      ...{ host: config.host, port: config.webPort, strictPort: true, allowedHosts: hostsOf(config) },
      fs: { allow: pageSources },
      proxy: {
        [below(siteAnswers)]: behind,
        [below(previews)]: {
          ...behind,
          // Pages of Vite come without a policy: what it puts into them would break any.
          configure: (proxy) =>
            proxy.on("proxyRes", ({ headers }) => {
              delete headers["content-security-policy"];
            }),
        },
      },
    },
  });
  return site.listen();
}

/** Every path of the console is its one page, and a vendor's captcha has a page of its own, as the site's server has it. */
function otherPages(base: string, hasCaptcha: boolean): Plugin {
  return {
    name: "other-pages",
    configureServer({ middlewares }) {
      middlewares.use((request, _response, next) => {
        const [path = ""] = (request.url ?? "").split("?", 1);
        if (path.startsWith(base) && isConsolePage(path.slice(base.length)))
          request.url = `${base}/console.html`;
        if (hasCaptcha && path === base + captchaFramePath) request.url = `${base}/captcha.html`;
        next();
      });
    },
  };
}

/** The path without its slash is what the server prints; Vite knows only the one with it. */
function leadToSlash(base: string): Plugin {
  return {
    name: "lead-to-slash",
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const [path, query] = (request.url ?? "").split("?", 2);
        if (base === "" || path !== base) return next();
        response.writeHead(302, { location: `${base}/${query === undefined ? "" : `?${query}`}` }).end();
      });
    },
  };
}

/** `*` stands for every name. */
function hostsOf({ allowedHosts }: Config): true | string[] {
  return allowedHosts.includes("*") ? true : [...allowedHosts];
}

function watchServer(site: ViteDevServer, server: RestartedProcess): void {
  let timer: NodeJS.Timeout | undefined;
  site.watcher.add(serverSources);
  site.watcher.on("all", (_event, path) => {
    if (!serverSources.some((source) => path === source || path.startsWith(source + sep))) return;
    if (/\.test\.ts$/.test(path)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      say(`${relative(root, path)} changed: the server starts again. 文件有改动，服务器正在重启。`);
      server.restart();
    }, quietMillis);
  });
}
