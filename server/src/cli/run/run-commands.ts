import { apiHost, siteHost, withTutorialHosts } from "../../config/tutorial-hosts.ts";
import { type Command, defineCommand, type Text } from "../command/command.ts";
import type { ConfigContext } from "../command/contexts.ts";

/** The commands that stay: the parts of the product in one process each, or all in one. */
const common = { group: "run", needs: "config", stays: true, npmScript: true } as const;

export const start: Command = defineCommand({
  ...common,
  name: "start",
  zh: "站点、接口和任务进程，同一个进程",
  en: "site, API and worker in one process",
  options: {
    hosts: {
      type: "boolean",
      zh: `使用教程的两个域名 ${siteHost} 和 ${apiHost}`,
      en: `with the tutorial's two host names, ${siteHost} and ${apiHost}`,
    },
  },
  settings: (source, { values }) => (values.hosts ? withTutorialHosts(source) : source),
  run: (context, { values }) => stay(context, { api: true, site: true, worker: true }, values.hosts),
});

const part = (name: string, text: Text, parts: Parameters<typeof stay>[1]): Command =>
  defineCommand({ ...common, ...text, name, run: (context) => stay(context, parts) });

export const serve = part(
  "serve",
  { zh: "仅接口", en: "the API alone" },
  { api: true, site: false, worker: false },
);
export const web = part(
  "web",
  { zh: "接口和站点", en: "the API and the site" },
  { api: true, site: true, worker: false },
);
export const work = part(
  "work",
  { zh: "仅任务进程", en: "a worker alone" },
  { api: false, site: false, worker: true },
);

/** Resolves when everything answers; the process goes on until a signal. */
async function stay(
  context: ConfigContext,
  parts: { readonly api: boolean; readonly site: boolean; readonly worker: boolean },
  tellsHosts = false,
): Promise<number> {
  const { runUntilStopped } = await import("./run.ts");
  await runUntilStopped(context, parts, tellsHosts);
  return 0;
}
