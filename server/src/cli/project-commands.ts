import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, type Definition, defineCommand } from "./command/command.ts";
import { signalCodes } from "./command/exit-codes.ts";
import { CommandFailure } from "./terminal/terminal.ts";

/**
 * The tools of the repository. The table has their names, options and help; their programs are beside the product,
 * which imports nothing of them: scripts/run.mjs starts them, and this does where there is a repository.
 */
const root = resolve(import.meta.dirname, "../../..");

/** The program of each, from the root of the repository. */
export const toolScripts: Readonly<Record<string, string>> = {
  dev: "scripts/dev.ts",
  seed: "scripts/seed.ts",
  sandbox: "sandbox/main.ts",
  generate: "scripts/generate.ts",
  build: "scripts/build-site.ts",
  test: "scripts/test.ts",
  "test:release": "scripts/test-release.ts",
  bench: "bench/run.ts",
  soak: "scripts/soak.ts",
};

const common = { group: "project", needs: "nothing", npmScript: true, passesOn: true } as const;

const tool = (definition: Pick<Definition, "name" | "zh" | "en" | "words" | "options">): Command =>
  defineCommand({
    ...definition,
    ...common,
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
  }),
  tool({
    name: "generate",
    zh: "更新自动生成的文档",
    en: "renews the generated documents",
    options: {
      check: {
        type: "boolean",
        zh: "只检查，有过期的则失败",
        en: "writes nothing; fails if one is out of date",
      },
    },
  }),
  tool({
    name: "build",
    zh: "构建站点",
    en: "builds the site where its sources have changed",
    options: { force: { type: "boolean", zh: "总是构建", en: "in any case" } },
  }),
  tool({
    name: "test",
    zh: "运行全部检查和测试，或指定的几项",
    en: "every check and suite, or the named ones",
    words: { zh: "[<项目>…]", en: "[<step>…]" },
    options: {
      clock: {
        type: "string",
        value: "+40d",
        zh: "假定为另一时刻",
        en: "the suites on SQLite, as if it were then",
      },
    },
  }),
  tool({
    name: "test:release",
    zh: "发布前的长时间测试，需要 root",
    en: "what is tested before a release; takes long and needs root",
    words: { zh: "[<项目>…]", en: "[<step>…]" },
  }),
  tool({
    name: "bench",
    zh: "性能测量；-- --against <commit> 与另一版本比较，说明见 bench/README.md",
    en: "measures, or with -- --against <commit> compares; bench/README.md explains",
  }),
  tool({
    name: "soak",
    zh: "混合流量长跑，报告内存与异常应答",
    en: "mixed traffic; reports memory and unexpected answers",
  }),
];

function runTool(
  name: string,
  args: readonly string[],
  onSignal: (stop: (exitCode: number) => void) => void,
): Promise<number> {
  const script = join(root, toolScripts[name] as string);
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
