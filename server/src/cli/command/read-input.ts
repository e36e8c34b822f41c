import { readArguments, UsageError } from "../terminal/read-arguments.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import type { Command, Form, Input, Option, Text } from "./command.ts";

/** Whether the call asks for help, wherever that stands; a word after `--` doesn't. */
export function isHelpAsked(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const read = end === -1 ? args : args.slice(0, end);
  return read.includes("--help") || read.includes("-h");
}

/**
 * What was typed after a command's name. Throws a UsageError that says what is wrong and never repeats a value, or a
 * CommandFailure where --yes is missing.
 */
export function readInput(command: Command, args: readonly string[]): Input {
  if (command.passesOn) return { verb: "", words: args, values: {}, json: false };
  const options = command.options ?? {};
  const forms: readonly Form[] = [command, ...Object.values(command.verbs ?? {})];
  const own = Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]);
  const { values, positionals } = readArguments(
    args,
    {
      ...(Object.fromEntries(own) as Record<string, { type: Option["type"]; multiple: boolean }>),
      ...(command.json && { json: { type: "boolean" } }),
      ...(forms.some(({ confirm }) => confirm) && { yes: { type: "boolean" } }),
    },
    { min: 0, max: Number.POSITIVE_INFINITY },
  ) as { values: Record<string, string | boolean | string[] | undefined>; positionals: string[] };
  const { verb, form, words } = readVerb(command, positionals);
  checkWords(form, words);
  const read = Object.entries(options).map(([name, option]) => [
    name,
    checkedValue(name, option, values[name]),
  ]);
  const input: Input = { verb, words, values: Object.fromEntries(read), json: values.json === true };
  command.check?.(input);
  if (form.confirm && values.yes !== true) throw new CommandFailure(form.confirm.zh, form.confirm.en);
  return input;
}

function readVerb(command: Command, positionals: readonly string[]) {
  const { verbs, defaultVerb } = command;
  if (verbs === undefined) return { verb: "", form: command as Form, words: positionals };
  const [verb = defaultVerb, ...words] = positionals;
  if (verb !== undefined && Object.hasOwn(verbs, verb)) return { verb, form: verbs[verb] as Form, words };
  const known = Object.keys(verbs);
  const ask = { zh: `请写明：${known.join("、")}。`, en: `It takes one of ${known.join(", ")}.` };
  throw verb === undefined
    ? new UsageError(ask.zh, ask.en)
    : new UsageError(
        `不认识 ${verb}。${ask.zh}`,
        `${verb} is none of the words that can stand here. ${ask.en}`,
      );
}

/** Usage shows the words, and says by them how many there are. */
export function wordsOf(words: Form["words"] = "", language: keyof Text = "en"): readonly string[] {
  const text = typeof words === "string" ? words : words[language];
  return text === "" ? [] : text.split(" ");
}

function checkWords({ words }: Form, given: readonly string[]): void {
  const [zh, en] = [wordsOf(words, "zh"), wordsOf(words, "en")];
  const missing = en.findIndex((word, at) => !word.startsWith("[") && given[at] === undefined);
  if (missing !== -1) throw new UsageError(`缺少 ${zh[missing]}。`, `${en[missing]} is missing.`);
  const max = en.some((word) => word.includes("…")) ? 100 : en.length;
  if (given.length > max) throw new UsageError("参数个数不对。", "Wrong number of arguments.");
}

function checkedValue(name: string, option: Option, given: string | boolean | string[] | undefined) {
  const { type, choices, required, default: fallback } = option;
  if (type === "boolean") return given === true;
  if (given === undefined && required) throw new UsageError(`缺少 --${name}。`, `--${name} is missing.`);
  const value = given ?? fallback;
  for (const one of [value ?? []].flat()) {
    if (choices && !choices.includes(String(one))) {
      const known = choices.join(", ");
      throw new UsageError(`--${name} 可用的有：${known}。`, `--${name} is one of ${known}.`);
    }
  }
  return value;
}
