import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, groups } from "../server/src/cli/command/command.ts";
import { exitCodeText } from "../server/src/cli/command/exit-codes.ts";
import { spelling } from "../server/src/cli/command/help.ts";
import { allCommands } from "../server/src/cli/commands.ts";
import { replaceRegion } from "./replace-region.ts";

/** The README's table of commands in both languages, made of the command line's own. */

const readmes = { en: "README.md", zh: "README.zh.md" } as const;
const heads = {
  en: "| command | what it does | `--json` |\n| --- | --- | --- |",
  zh: "| 命令 | 作用 | `--json` |\n| --- | --- | --- |",
} as const;

/** Each README with its table renewed, by its path under `root`. Throws where the place for it is missing. */
export async function readmesWithCommands(root: string): Promise<ReadonlyMap<string, string>> {
  const commands = await allCommands();
  return new Map(
    (["en", "zh"] as const).map((language) => {
      const document = readmes[language];
      const text = readFileSync(join(root, document), "utf8");
      const exits = exitCodeText[language].replaceAll("--json", "`--json`");
      const content = `${table(commands, language)}\n\n${exits}`;
      return [document, replaceRegion(document, text, "commands", content)];
    }),
  );
}

function table(commands: readonly Command[], language: "zh" | "en"): string {
  const rows = Object.keys(groups).flatMap((group) =>
    commands.filter((command) => command.group === group).map((command) => row(command, language)),
  );
  return [heads[language], ...rows].join("\n");
}

function row(command: Command, language: "zh" | "en"): string {
  const verbs = Object.keys(command.verbs ?? {}).map((verb) => `\`${verb}\``);
  const [semicolon, comma] = { zh: ["；", "、"], en: ["; ", ", "] }[language];
  const text = `${command[language]}${verbs.length > 0 ? `${semicolon}${verbs.join(comma)}` : ""}`;
  return `| \`${spelling(command).call}\` | ${text.replaceAll("|", "\\|")} | ${command.json ? "✓" : ""} |`;
}
