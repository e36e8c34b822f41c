import { readArguments, UsageError } from "../terminal/read-arguments.ts";

/** What may stand after the commands that run the product or prepare its database. */
const usages = {
  start: {
    zh: "npm start [-- --hosts]\n运行接口、站点和任务进程；--hosts 使用教程的两个域名。",
    en: "npm start [-- --hosts]\nRuns the API, the site and the worker; --hosts takes the tutorial's two host names.",
  },
  serve: { zh: "npm run serve\n只运行接口。", en: "npm run serve\nRuns the API alone." },
  web: {
    zh: "node server/src/main.ts web\n运行接口和站点。",
    en: "node server/src/main.ts web\nRuns the API and the site.",
  },
  work: { zh: "npm run work\n只运行任务进程。", en: "npm run work\nRuns the worker alone." },
  migrate: {
    zh: "npm run migrate\n升级数据库结构；每次启动也会自动进行。",
    en: "npm run migrate\nBrings the database's schema up to date; every start does so, too.",
  },
} as const;

export interface RunArguments {
  readonly hosts: boolean;
  /** What to print in place of running. */
  readonly usage: string | null;
}

/** Null for a command that reads its own. Throws a UsageError for what it doesn't know: nothing has begun by then. */
export function readRunArguments(
  name: string,
  args: readonly string[],
  language: "zh" | "en",
): RunArguments | null {
  if (!Object.hasOwn(usages, name)) return null;
  const texts = usages[name as keyof typeof usages];
  const flag = { type: "boolean", default: false } as const;
  const { help, hosts } = readArguments(args, { help: { ...flag, short: "h" }, hosts: flag }).values;
  if (hosts && name !== "start") {
    throw new UsageError("只有 start 有 --hosts 选项。", "Only start has the option --hosts.");
  }
  return { hosts, usage: help ? texts[language] : null };
}
