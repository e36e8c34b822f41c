import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, type Definition, defineCommand } from "./command/command.ts";
import { signalCodes } from "./command/exit-codes.ts";
import { CommandFailure } from "./terminal/terminal.ts";
import { type ToolName, toolOptions } from "./tool-options.ts";

/**
 * The tools of the repository. The table has their names, options and help; their programs are beside the product,
 * which imports nothing of them: scripts/run.mjs starts them, and this does where there is a repository.
 */
const root = resolve(import.meta.dirname, "../../..");

/** The program of each, from the root of the repository. */
export const toolScripts: Readonly<Record<ToolName, string>> = {
  dev: "scripts/dev.ts",
  seed: "scripts/seed.ts",
  sandbox: "scripts/sandbox.ts",
  generate: "scripts/generate.ts",
  build: "scripts/build-site.ts",
  pack: "scripts/pack.ts",
  test: "scripts/test.ts",
  "test:release": "scripts/test-release.ts",
  bench: "bench/run.ts",
  soak: "scripts/soak.ts",
};

const common = { group: "project", needs: "nothing", npmScript: true, passesOn: true } as const;

const tool = (
  definition: Pick<Definition, "zh" | "en" | "words" | "details"> & { readonly name: ToolName },
): Command =>
  defineCommand({
    ...definition,
    ...common,
    options: toolOptions[definition.name],
    run: ({ host }, { words }) => runTool(definition.name, words, host.onSignal),
  });

export const projectCommands: readonly Command[] = [
  tool({
    name: "dev",
    zh: "开发时运行 start，改动即时生效",
    en: "start while it is worked on: what changes is taken over at once",
  }),
  tool({
    name: "seed",
    zh: "创建试用账号并显示其登录信息",
    en: "accounts to try it with, and their log-ins",
  }),
  tool({
    name: "sandbox",
    zh: "单独运行第三方登录沙箱",
    en: "the imitated third parties alone",
    details: {
      zh: "端口由 SANDBOX_PORT 指定，缺省为 8001。",
      en: "SANDBOX_PORT sets its port, which is 8001 otherwise.",
    },
  }),
  tool({ name: "generate", zh: "更新自动生成的文档", en: "renews the generated documents" }),
  tool({ name: "build", zh: "构建站点", en: "builds the site where its sources have changed" }),
  tool({ name: "pack", zh: "打包 npm 包 meiduo-accounts", en: "packs the npm package meiduo-accounts" }),
  tool({
    name: "test",
    zh: "运行全部检查和测试，或指定的几项",
    en: "every check and suite, or the named ones",
    words: { zh: "[<项目>…]", en: "[<step>…]" },
  }),
  tool({
    name: "test:release",
    zh: "发布前的长时间测试，需要 root",
    en: "what is tested before a release; takes long and needs root",
    words: { zh: "[<项目>…]", en: "[<step>…]" },
  }),
  tool({
    name: "bench",
    zh: "性能测量；-- --against <commit> 与另一版本比较，--peers 与其他程序比较，说明见 bench/README.md",
    en: "measures, or with -- --against <commit> or --peers compares; bench/README.md explains",
    details: {
      zh: "测量本产品及其下限，并更新 bench/README.md 中的表格、数据和图。\n用 --against 时轮流测量当前代码和另一个提交；有请求变贵时以 1 结束。\n用 --peers 时轮流测量本产品、better-auth 和 Django，并更新相应的表格和图。\n--pairs、--limit 只用于比较，--rounds、--growth、--dry 只用于测量。",
      en: "It measures the product and its floors, and writes the tables, figures and charts of bench/README.md.\nWith --against it measures this checkout and another commit in turn, and ends with 1 where a request became dearer.\nWith --peers it measures the product, better-auth and Django in turn, and writes their tables and charts.\n--pairs and --limit are for a comparison alone; --rounds, --growth and --dry are for the tables.",
    },
  }),
  tool({
    name: "soak",
    zh: "混合流量长跑，报告内存与异常应答",
    en: "mixed traffic; reports memory and unexpected answers",
    details: {
      zh: "启动自己的进程，遇到异常应答或内存持续增长时失败。\n用 DATABASE_URL 和 REDIS_URL 指定空的数据库和 Redis；缺省为临时的内嵌数据库。",
      en: "It starts processes of its own, and fails on unexpected answers and on growing memory.\nDATABASE_URL and REDIS_URL name empty engines to use instead of a temporary embedded database.",
    },
  }),
];

function runTool(
  name: ToolName,
  args: readonly string[],
  onSignal: (stop: (exitCode: number) => void) => void,
): Promise<number> {
  const script = join(root, toolScripts[name]);
  if (!existsSync(script)) {
    throw new CommandFailure(
      `${name} 是源码仓库中的工具，这里没有。`,
      `${name} is a tool of the repository, which is not here.`,
    );
  }
  const child = spawn(process.execPath, [script, ...args], { stdio: "inherit" });
  onSignal((exitCode) => {
    const signal = Object.entries(signalCodes).find(([, code]) => code === exitCode)?.[0];
    child.kill(signal as NodeJS.Signals);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      resolve(code ?? signalCodes[signal as keyof typeof signalCodes] ?? 1),
    );
  });
}
