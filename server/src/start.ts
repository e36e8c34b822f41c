import { type AppContext, createApp, openDatabase } from "./app.ts";
import { migrate } from "./database/migrate.ts";
import { systemClock } from "./lib/clock.ts";

/** What `start`, `serve` and `work` run: the API, the site and the worker, in one process. */
export interface Running {
  /** What to tell the person at the terminal once everything answers. */
  readonly banner: string;
  stop(): Promise<void>;
}

/** Seconds a stopping process gives to the requests and jobs in hand. */
const stopLimitSeconds = 10;

export async function startProduct(
  context: AppContext,
  parts: { api: boolean; site: boolean; worker: boolean },
): Promise<Running> {
  const { config, log } = context;
  const setUp = openDatabase(config);
  await migrate(setUp, systemClock).finally(() => setUp.close());

  const app = await createApp(context);
  const lines: string[] = [];
  const stops: (() => Promise<void>)[] = [];
  try {
    if (parts.api) {
      await app.api.listen({ host: config.host, port: config.apiPort });
      lines.push(line("API        接口", addressOf(app.api, config.host), "/docs"));
    }
    if (parts.site) {
      const site = await openSite(config, log);
      stops.push(() => site.close());
      await site.listen({ host: config.host, port: config.webPort });
      lines.push(line("Site       站点", config.publicSiteUrl));
    }
    if (parts.worker) await app.worker.start();
    return {
      banner: ["Meiduo Accounts is ready. 美多账号已就绪。", ...lines].join("\n"),
      async stop() {
        for (const stop of stops) await stop();
        await app.api.close();
        await app.worker.stop(stopLimitSeconds);
        await app.close();
        log.info("stopped");
      },
    };
  } catch (error) {
    for (const stop of stops) await stop();
    await app.close();
    throw error;
  }
}

/** The site's server over the newest build; building is skipped where the sources have not changed. */
async function openSite({ publicApiUrl, publicSiteUrl }: AppContext["config"], log: AppContext["log"]) {
  const [{ buildSite, siteDir }, { createSite }] = await Promise.all([
    import("../../scripts/build-site.ts"),
    import("./http/site.ts"),
  ]);
  await buildSite();
  return createSite({ distDir: siteDir, publicApiUrl, publicSiteUrl, log });
}

function line(label: string, origin: string, path = ""): string {
  return `  ${label}  ${origin}${path}`;
}

function addressOf(server: { server: { address(): unknown } }, host: string): string {
  const address = server.server.address() as { port: number } | null;
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${shown}:${address?.port ?? 0}`;
}
