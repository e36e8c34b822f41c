import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Text } from "../../src/cli/command/command.ts";
import { optionsOf } from "../../src/cli/command/help.ts";
import { wordsOf } from "../../src/cli/command/read-input.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { allCommands, commandNames } from "../../src/cli/commands.ts";
import { toolScripts } from "../../src/cli/project-commands.ts";
import { withTutorialHosts } from "../../src/config/tutorial-hosts.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { runCommand } from "../support/run-command.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";

/** Every command by the table, so that a new one is held to the same without a test of its own. */
const root = resolve(import.meta.dirname, "../../..");
const commands = await allCommands();
const products = commands.filter(({ passesOn }) => !passesOn);
const languages = ["zh", "en"] as const;

/** Runs a line in which nothing may be read, opened or made. */
async function runShut(line: readonly string[], language: "zh" | "en" = "en", calledAs?: string) {
  const terminal = saidTerminal(language);
  const shut = (what: string) => () => {
    throw new Error(`${line.join(" ")} asks for ${what}`);
  };
  const code = await runCommandLine(line, {
    ...{ terminal, clock: fakeClock(), host: unstopped, folder: "/nowhere", calledAs },
    readSource: shut("the settings"),
    refuseBeside: shut("the installed service"),
    loadConfig: shut("the configuration"),
    completeConfig: shut("the key"),
    openDatabase: shut("the database"),
  });
  return { code, ...terminal.said };
}

describe("the table", () => {
  it("has each command under its own name", () => {
    expect(commands.map(({ name }) => name)).toEqual(commandNames);
  });

  it.each(commands)(
    "$name says what it is, and each of its words and options, in both languages",
    (command) => {
      const texts: (Partial<Text> | undefined)[] = [
        command,
        command.details,
        ...Object.values(command.verbs ?? {}),
        ...Object.values(optionsOf(command)),
      ];
      for (const text of texts.filter((one) => one !== undefined)) {
        expect(text.zh).not.toBe("");
        expect(text.en).not.toMatch(/\p{Script=Han}/u);
        expect(text.en).not.toBe("");
      }
      for (const { words } of [command, ...Object.values(command.verbs ?? {})])
        expect(wordsOf(words, "zh")).toHaveLength(wordsOf(words, "en").length);
    },
  );

  it("lets package.json and scripts/run.mjs have these commands and no others", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const names = ["manage", ...commands.filter(({ npmScript }) => npmScript).map(({ name }) => name)];
    expect(Object.keys(scripts).toSorted()).toEqual(names.toSorted());
    for (const [name, script] of Object.entries(scripts)) expect(script).toBe(`node scripts/run.mjs ${name}`);
    const launcher = readFileSync(join(root, "scripts/run.mjs"), "utf8");
    const launched = [...launcher.matchAll(/^ {2}"?([\w:-]+)"?: \["([\w/.-]+)"(?:, "([\w-]+)")?\],$/gm)];
    const programs = Object.fromEntries(launched.map(([, name, program, first]) => [name, [program, first]]));
    const expected = names.map((name) => {
      if (name === "manage") return [name, ["server/src/main.ts", undefined]];
      const tool = Object.hasOwn(toolScripts, name) ? toolScripts[name as keyof typeof toolScripts] : null;
      return [name, tool === null ? ["server/src/main.ts", name] : [tool, undefined]];
    });
    expect(programs).toEqual(Object.fromEntries(expected));
  });
});

describe("help", () => {
  it.each(commandNames)("%s --help touches neither settings nor data", async (name) => {
    for (const language of languages) {
      for (const line of [
        [name, "--help"],
        [name, "-h"],
        [name, "all", "--yes", "--help"],
        ["help", name],
      ]) {
        const { code, out, notes } = await runShut(line, language);
        expect([code, notes]).toEqual([0, ""]);
        expect(out).toMatch(language === "zh" ? /^用法：\n {2}npm / : /^Usage:\n {2}npm /);
        expect(out).toContain(language === "zh" ? "退出码：" : "Exit codes:");
        if (language === "en") expect(out).not.toMatch(/\p{Script=Han}/u);
        expect(out.split("\n").filter((text) => text.startsWith("  npm ") && text.length > 120)).toEqual([]);
      }
    }
  });

  it("is spelt as whoever installed it calls the command line", async () => {
    const { out } = await runShut(["user", "--help"], "en", "sudo meiduo-accounts");
    expect(out).toContain("  sudo meiduo-accounts user show <account> [--json]\n");
    expect(out).not.toContain("npm");
  });

  it("of start names the hosts that --hosts makes the addresses of", async () => {
    const { PUBLIC_SITE_URL = "", PUBLIC_API_URL = "" } = withTutorialHosts({});
    const hosts = [PUBLIC_SITE_URL, PUBLIC_API_URL].map((url) => new URL(url).hostname);
    for (const language of languages) {
      const { out } = await runShut(["start", "--help"], language);
      expect(out.match(/\b\w+\.meiduo\.\w+/g)).toEqual(hosts);
    }
  });

  it.each([["--help"], ["-h"], ["help"]])("%s names every command", async (word) => {
    for (const language of languages) {
      const { code, out } = await runShut([word], language);
      expect(code).toBe(0);
      for (const name of commandNames) expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    }
  });
});

describe("the guide of the console", () => {
  const titles = { "console.md": "## The same by command", "console.zh.md": "## 用命令做同样的事" };
  const guides = Object.entries(titles).map(([file, title]) => {
    const text = readFileSync(join(root, "docs", file), "utf8");
    const table = text.slice(text.indexOf(title)).match(/^\|.*$/gm) ?? [];
    const cells = table.slice(2).map((row) => row.split("|")[2]!.matchAll(/`([^`]+)`/g));
    // Without what stands for something: `user create <name> --email …`.
    const bare = (called: string) => called.replace(/\s(<|--|…).*/s, "");
    const rows = cells.map((spans) => [...spans].map(([, called]) => bare(called!)));
    const named = [...text.matchAll(/`manage ([^`]+)`/g)].map(([, called]) => bare(called!));
    return { file, rows, named };
  });

  it.each(guides)("$file names commands that there are", ({ rows, named }) => {
    expect(rows.length).toBeGreaterThan(20);
    const unknown = [...rows.flat(), ...named].filter((called) => {
      const [name = "", verb] = called.split(" ");
      const command = commands.find((one) => one.name === name);
      return command === undefined || (verb !== undefined && !Object.hasOwn(command.verbs ?? {}, verb));
    });
    expect(unknown).toEqual([]);
  });

  it("has the same ones in both languages, row by row", () => {
    expect(guides[1]!.rows).toEqual(guides[0]!.rows);
  });
});

describe("on an installed service", () => {
  it.each(Object.keys(toolScripts))("%s, a tool of the repository, is refused", async (name) => {
    for (const language of languages) {
      const { code, out, notes } = await runShut([name], language, "sudo meiduo-accounts");
      expect([code, out]).toEqual([1, ""]);
      expect(notes).toContain(language === "zh" ? `${name} 是开发工具` : `${name} is a tool of development`);
    }
  });
});

describe("a call that can't be understood", () => {
  it.each(products)(
    "$name with an unknown option: 2, what is wrong, and nothing touched",
    async ({ name }) => {
      for (const language of languages) {
        const { code, out, notes } = await runShut([name, "--odd"], language);
        expect([code, out]).toEqual([2, ""]);
        const [reason, title, usage] = notes.split("\n");
        expect(reason).toBe({ zh: "没有 --odd 这个选项。", en: "There is no option --odd." }[language]);
        expect(title).toBe({ zh: "用法：", en: "Usage:" }[language]);
        expect(usage).toContain(name);
      }
    },
  );

  it.each(
    products.flatMap(({ name, verbs, defaultVerb, words }) =>
      verbs
        ? [
            ...(defaultVerb ? [] : [[name, []] as const]),
            ...Object.entries(verbs)
              .filter(([, form]) => wordsOf(form.words).some((word) => !word.startsWith("[")))
              .map(([verb]) => [name, [verb]] as const),
          ]
        : wordsOf(words).some((word) => !word.startsWith("["))
          ? [[name, []] as const]
          : [],
    ),
  )("%s %s without its argument: 2, and nothing touched", async (name, args) => {
    const { code, out, notes } = await runShut([name, ...args]);
    expect([code, out]).toEqual([2, ""]);
    expect(notes).toMatch(/^(<[^\n]* is missing|It takes one of [^\n]*)\.\nUsage:/);
  });

  it.each(
    products.flatMap(({ name, options = {} }) =>
      Object.entries(options)
        .filter(([, { type }]) => type === "string")
        .map(([option]) => [name, option] as const),
    ),
  )("%s --%s without its value: 2, and nothing touched", async (name, option) => {
    const { code, notes } = await runShut([name, `--${option}`]);
    expect(code).toBe(2);
    expect(notes).toContain(`--${option}`);
  });

  it.each(
    products.flatMap(({ name, verbs = {} }) =>
      Object.entries(verbs)
        .filter(([, { confirm }]) => confirm)
        .map(([verb]) => [name, verb] as const),
    ),
  )("%s %s without --yes: 1, one sentence, and nothing touched", async (name, verb) => {
    const { code, out, notes } = await runShut([name, verb]);
    expect([code, out]).toEqual([1, ""]);
    expect(notes).toMatch(/^[^\n]*--yes[^\n]*\n$/);
  });
});

describe("in a folder whose settings can't be read", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "meiduo-unreadable-"));
    // Nobody can read a folder as a file, not even root.
    mkdirSync(join(folder, ".env"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("the real process answers help and misuse, and makes nothing", async () => {
    const env = { DATA_DIR: join(folder, "data"), API_PORT: "wrong", LANG: "C" };
    const lines = [
      ...[
        ["--help"],
        ["jobs", "--help"],
        ["move-data", "--help"],
        ["user", "--help"],
        ["generate", "--help"],
      ],
      ...[["strat"], ["jobs", "--frm"], ["move-data", "--form", "sqlite:x"], ["start", "--host"]],
      [
        "move-data",
        "--from",
        `sqlite:${join(folder, "mistyped.sqlite3")}`,
        "--to",
        "postgres://a@127.0.0.1:9/b",
      ],
    ];
    for (const line of lines) {
      const { code, stdout, stderr } = await runCommand(line, env, { cwd: folder });
      const isHelp = line.includes("--help");
      expect([line, code]).toEqual([line, isHelp ? 0 : 2]);
      expect(isHelp ? stderr : stdout).toBe("");
      expect(isHelp ? stdout : stderr).toMatch(/npm (run|start) /);
    }
    expect(readdirSync(folder)).toEqual([".env"]);
    expect((await runCommand(["check-config"], env, { cwd: folder })).code).toBe(1);
  });
});
