import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SettingProblemCode } from "../errors/setting-problem.ts";
import { deceptive } from "../kernel/visible-text.ts";
import { builtInTexts } from "./built-in.ts";
import { closestKey } from "./closest-key.ts";
import { type Language, readLanguage } from "./language.ts";
import { misplaced, placesOf } from "./placeholders.ts";
import type { TextsByLanguage } from "./words.ts";

/**
 * An operator's own texts: a folder with a JSON file for each language, of keys and texts. Everything wrong in it is
 * found, each with file and key. Attack: a text that breaks the header it is in, or a line of a mail, by a line break,
 * or that turns the words around it by a control of direction; no such character passes (guard: text-files.test.ts).
 * That no text is HTML is for those who show it.
 */
export interface TextFiles {
  /** Without those that something is wrong with. */
  readonly texts: TextsByLanguage;
  readonly problems: readonly TextProblem[];
}

export interface TextProblem {
  readonly code: SettingProblemCode;
  readonly parameters: Readonly<Record<string, string | number>>;
}

const longestText = 2000;
const largestFile = 1024 * 1024;

/** Reads the folder; what can't be read is a problem, too. Folders in it are for other things (mails' templates). */
export function readTextFiles(folder: string): TextFiles {
  const texts = new Map<Language, ReadonlyMap<string, string>>();
  const problems: TextProblem[] = [];
  for (const file of filesOf(folder, problems)) {
    const language = file.endsWith(".json") ? readLanguage(file.slice(0, -5)) : null;
    if (language === null) problems.push({ code: "textsFileName", parameters: { file } });
    else if (texts.has(language)) problems.push({ code: "textsTwice", parameters: { file } });
    else texts.set(language, readTexts(join(folder, file), file, problems));
  }
  return { texts, problems };
}

function filesOf(folder: string, problems: TextProblem[]): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && !/^\.|\.md$/.test(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    problems.push({ code: "textsFolder", parameters: { reason: reasonOf(error) } });
    return [];
  }
}

function readTexts(path: string, file: string, problems: TextProblem[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const note = (code: SettingProblemCode, parameters = {}) =>
    void problems.push({ code, parameters: { file, ...parameters } });
  for (const [key, text] of Object.entries(readObject(path, note))) {
    const problem = problemOf(key, text);
    if (problem === null) texts.set(key, text as string);
    else note(problem.code, { key: key.slice(0, 100), ...problem.parameters });
  }
  return texts;
}

function readObject(path: string, note: (code: SettingProblemCode, parameters?: object) => void): object {
  let value: unknown;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > largestFile) throw new Error(`> ${largestFile} B`);
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    note("textsUnreadable", { reason: reasonOf(error) });
    return {};
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  note("textsNotAnObject", { example: '{"errors.code_wrong": "…"}' });
  return {};
}

function problemOf(key: string, text: unknown): TextProblem | null {
  const builtIn = builtInTexts.get(key);
  if (builtIn === undefined) {
    return { code: "textUnknownKey", parameters: { closest: closestKey(key, builtInTexts.keys()) } };
  }
  if (typeof text !== "string") return { code: "textNotAString", parameters: {} };
  if (text.trim() === "") return { code: "textEmpty", parameters: {} };
  if (text.length > longestText) return { code: "textTooLong", parameters: { limit: longestText } };
  if (deceptive.test(text)) return { code: "textControls", parameters: {} };
  const places = placesOf(builtIn);
  const wrong = misplaced(text, places);
  if (wrong === null) return null;
  if ("missing" in wrong) return { code: "textMissingPlace", parameters: { name: `{${wrong.missing}}` } };
  const known = places.known.map((name) => `{${name}}`).join(", ");
  return { code: "textUnknownPlace", parameters: { name: `{${wrong.unknown}}`, known } };
}

/** Of a failed call of the system or of JSON.parse: neither quotes more than a few characters of the file. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message.slice(0, 200);
}
