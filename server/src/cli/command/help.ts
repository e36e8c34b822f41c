import { type Command, type Form, groups, type Option, type Text } from "./command.ts";
import { exitCodeText } from "./exit-codes.ts";
import { wordsOf } from "./read-input.ts";

/** Help and usage, rendered from the table alone. */

type Language = keyof Text;

/** Columns that a line of usage has at most. */
const lineWidth = 110;

const jsonOption: Option = { type: "boolean", zh: "结果为一行 JSON", en: "the result as one line of JSON" };
const yesOption: Option = { type: "boolean", zh: "确认执行", en: "do it; without this, nothing is done" };

/** Every option of a command, also those that it has by what the table says of it. */
export function optionsOf(command: Command): Readonly<Record<string, Option>> {
  const asks = [command, ...Object.values(command.verbs ?? {})].some(({ confirm }: Form) => confirm);
  return {
    ...command.options,
    ...(asks && { yes: yesOption }),
    ...(command.json && { json: jsonOption }),
  };
}

/** How a command is called: by npm in the project, or as whoever installed it calls the whole command line. */
export function spelling({ name, npmScript }: Pick<Command, "name" | "npmScript">, calledAs?: string) {
  if (calledAs) return { call: `${calledAs} ${name}`, separator: "" };
  if (name === "start" || name === "test") return { call: `npm ${name}`, separator: "--" };
  if (npmScript) return { call: `npm run ${name}`, separator: "--" };
  return { call: `npm run manage -- ${name}`, separator: "" };
}

/** A text that names commands by npm, as whoever installed it calls them. */
export function asCalled(text: string, calledAs?: string): string {
  if (!calledAs) return text;
  return text.replace(/\bnpm run (?:manage -- )?([a-z][\w-]*)(?: --(?= ))?/g, `${calledAs} $1`);
}

/** What may be typed, a line for each verb. */
export function usageOf(command: Command, language: Language, calledAs?: string): string {
  const title = { zh: "用法：", en: "Usage:" }[language];
  const { call, separator } = spelling(command, calledAs);
  const lines = formsOf(command).map(([verb, form]) => {
    const { confirm, words } = form;
    const options = Object.entries(optionsOf(command))
      .filter(([name, { of }]) => (name !== "yes" || confirm) && [of ?? verb].flat().includes(verb))
      .map(([name, option]) => flag(name, option, language));
    const rest = [...(verb === "" ? [] : [verb]), ...wordsOf(words, language), ...options];
    return wrapped([call, ...(rest.length > 0 && separator ? [separator] : []), ...rest]);
  });
  return [title, ...lines].join("\n");
}

function formsOf(command: Command): readonly (readonly [string, Form & Partial<Text>])[] {
  return command.verbs === undefined ? [["", command]] : Object.entries(command.verbs);
}

function flag(name: string, option: Option, language: Language): string {
  const text = option.type === "boolean" ? `--${name}` : `--${name} ${valueName(option, language)}`;
  return `${option.required ? text : `[${text}]`}${option.multiple ? "…" : ""}`;
}

function valueName({ value, choices }: Option, language: Language): string {
  if (choices) return choices.join("|");
  return typeof value === "object" ? value[language] : (value ?? "…");
}

/** Parts joined to lines; a part is never cut. */
function wrapped(parts: readonly string[]): string {
  const lines: string[] = [];
  let line = " ";
  for (const part of parts) {
    if (line.length + part.length >= lineWidth) {
      lines.push(line);
      line = "     ";
    }
    line += ` ${part}`;
  }
  return [...lines, line].join("\n");
}

/** `<command> --help`. */
export function commandHelp(command: Command, language: Language, calledAs?: string): string {
  const verbs = formsOf(command).flatMap(([verb, form]) => {
    const text = form[language];
    return verb === "" || text === undefined ? [] : [[verb, text] as const];
  });
  const options = Object.entries(optionsOf(command)).map(
    ([name, option]) =>
      [
        option.type === "boolean" ? `--${name}` : `--${name} ${valueName(option, language)}`,
        `${option.of ? `${[option.of].flat().join(", ")}: ` : ""}${option[language]}${option.default ? ` (${option.default})` : ""}`,
      ] as const,
  );
  const parts = [
    usageOf(command, language, calledAs),
    sentence(command[language], language),
    ...(verbs.length > 0 ? [list(verbs)] : []),
    ...(options.length > 0 ? [list(options)] : []),
    ...(command.details ? [command.details[language]] : []),
    exitCodeText[language],
  ];
  return parts.join("\n\n");
}

function sentence(text: string, language: Language): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${{ zh: "。", en: "." }[language]}`;
}

/** Terms in a column, or on a line of their own where they are long. */
function list(rows: readonly (readonly [string, string])[]): string {
  const column = Math.min(24, Math.max(...rows.map(([term]) => term.length)));
  const indent = " ".repeat(column + 4);
  return rows
    .map(([term, text]) => {
      const lines = text.split("\n").join(`\n${indent}`);
      return term.length > column ? `  ${term}\n${indent}${lines}` : `  ${term.padEnd(column)}  ${lines}`;
    })
    .join("\n");
}

/** `--help` without a command. */
export function overview(commands: readonly Command[], language: Language, calledAs?: string): string {
  const chapters = Object.entries(groups).flatMap(([group, title]) => {
    // Whoever installed it has no use for the tools.
    const isShown = group !== "project" || calledAs === undefined;
    const rows = commands
      .filter((one) => isShown && one.group === group)
      .map((one) => [one.name, one[language]] as const);
    return rows.length === 0 ? [] : [`${title[language]}\n${list(rows)}`];
  });
  const call = calledAs ?? "npm run manage --";
  const more = {
    zh: `${call} <命令> --help 显示一个命令的用法。${calledAs ? "" : "npx meiduo <命令> 与 npm run manage -- <命令> 相同。"}`,
    en: `${call} <command> --help explains one.${calledAs ? "" : " npx meiduo <command> is the same as npm run manage -- <command>."}`,
  };
  return [...chapters, more[language], exitCodeText[language]].join("\n\n");
}
