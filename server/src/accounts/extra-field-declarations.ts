import { readFileSync } from "node:fs";
import type { Names } from "../brand/brand.ts";
import { SettingProblem } from "../errors/setting-problem.ts";
import type { Texts } from "../errors/texts.ts";
import { isChinese, readLanguage } from "../words/language.ts";
import {
  type ExtraField,
  extraFieldTypes,
  type FieldReader,
  type FieldWriter,
  fieldReaders,
  fieldWriters,
} from "./extra-field.ts";

/**
 * SIGN_UP_FIELDS: a JSON list, or the path of a file that holds one. Everything that is wrong is named at the start, with
 * the field it is in, so that no declaration is half understood.
 */
const mostFields = 30;
const longestText = 1000;
const keys = ["name", "type", "required", "min", "max", "choices", "label", "hint", "read", "write"];

type Problems = Texts[];
type Json = Readonly<Record<string, unknown>>;

/** Throws a SettingProblem. */
export function readExtraFields(raw: string): readonly ExtraField[] {
  const text = raw.trimStart().startsWith("[") ? raw : readFile(raw);
  const list = parse(text);
  if (!Array.isArray(list)) {
    throw new SettingProblem("extraFields", { problems: { zh: "不是 JSON 数组", en: "it is no JSON list" } });
  }
  const problems: Problems = [];
  if (list.length > mostFields) {
    problems.push({ zh: `最多 ${mostFields} 个字段`, en: `at most ${mostFields} fields` });
  }
  const fields = list.map((one, place) => readOne(one, place, problems));
  const names = fields.map(({ name }) => name);
  for (const name of names.filter((one, place) => names.indexOf(one) !== place)) {
    problems.push({ zh: `${name}：重复`, en: `${name}: declared twice` });
  }
  if (problems.length === 0) return fields;
  throw new SettingProblem("extraFields", {
    problems: {
      zh: problems.map(({ zh }) => zh).join("；"),
      en: problems.map(({ en }) => en).join("; "),
    },
  });
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new SettingProblem("extraFieldsFile", { reason: (error as Error).message });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    throw new SettingProblem("extraFields", { problems: { zh: message, en: message } });
  }
}

function readOne(given: unknown, place: number, problems: Problems): ExtraField {
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  const one = (isObject ? given : {}) as Json;
  const named = typeof one.name === "string" && /^[a-z][a-z0-9_]{0,39}$/.test(one.name);
  const name = named ? String(one.name) : `#${place + 1}`;
  const wrong = (zh: string, en: string) => problems.push({ zh: `${name}：${zh}`, en: `${name}: ${en}` });
  if (!isObject) wrong("不是对象", "it is no object");
  else if (!named) {
    wrong("name 须为小写字母、数字和下划线，字母开头", "a name has a-z, 0-9 and _, with a letter first");
  }
  for (const key of Object.keys(one).filter((key) => !keys.includes(key))) {
    wrong(`没有 ${key} 这一项`, `there is no ${key}`);
  }
  const type = extraFieldTypes.find((known) => known === one.type);
  if (type === undefined)
    wrong(`type 须为 ${extraFieldTypes.join("、")}`, `type is one of ${extraFieldTypes.join(", ")}`);
  const required = one.required ?? false;
  if (typeof required !== "boolean") wrong("required 须为 true 或 false", "required is true or false");
  const write = readList<FieldWriter>(one, "write", fieldWriters, ["user", "staff"], wrong);
  if (required === true && !write.includes("user")) {
    wrong("用户不能填写，却是必填", "it is required, and its owner may not write it");
  }
  return {
    ...{ name, type: type ?? "text", required: required === true, write },
    ...readLimits(one, type ?? "text", wrong),
    ...readChoices(one, type ?? "text", wrong),
    label: readLabel(one.label, "label", wrong),
    ...(one.hint === undefined ? {} : { hint: readLabel(one.hint, "hint", wrong) }),
    read: readList<FieldReader>(one, "read", fieldReaders, ["user", "staff"], wrong),
  };
}

type Wrong = (zh: string, en: string) => void;

function readLimits(one: Json, type: ExtraField["type"], wrong: Wrong): { min?: number; max?: number } {
  const limits: { min?: number; max?: number } = {};
  for (const key of ["min", "max"] as const) {
    const value = one[key];
    if (value === undefined) continue;
    if (type !== "text" && type !== "integer") wrong(`${type} 没有 ${key}`, `a ${type} has no ${key}`);
    else if (!Number.isSafeInteger(value)) wrong(`${key} 须为整数`, `${key} is a whole number`);
    else limits[key] = Number(value);
  }
  if (type === "text") {
    limits.max ??= 200;
    const isWrong = (limits.min ?? 0) < 0 || limits.max < 1 || limits.max > longestText;
    if (isWrong) wrong(`长度须在 1 到 ${longestText} 之间`, `a length is from 1 to ${longestText}`);
  }
  const { min, max } = limits;
  if (min !== undefined && max !== undefined && min > max) wrong("min 大于 max", "min is above max");
  return limits;
}

function readChoices(one: Json, type: ExtraField["type"], wrong: Wrong): Pick<ExtraField, "choices"> {
  if (type !== "choice") {
    if (one.choices !== undefined) wrong(`${type} 没有 choices`, `a ${type} has no choices`);
    return {};
  }
  if (!Array.isArray(one.choices) || one.choices.length === 0 || one.choices.length > 200) {
    wrong("choices 须列出 1 到 200 个选项", "choices lists 1 to 200 of them");
    return { choices: [] };
  }
  const choices = one.choices.map((choice: unknown) => {
    const { value = choice, label } = (typeof choice === "object" ? (choice ?? {}) : {}) as Json;
    if (typeof value !== "string" || value === "" || value.length > 100 || value !== value.trim()) {
      wrong("选项须为 1 到 100 个字符的文字", "a choice is a text of 1 to 100 characters");
    }
    const texts =
      label === undefined ? { zh: String(value), en: String(value) } : readLabel(label, "choices", wrong);
    return { value: String(value), label: texts };
  });
  if (new Set(choices.map(({ value }) => value)).size < choices.length) {
    wrong("选项重复", "a choice is there twice");
  }
  return { choices };
}

/**
 * One text for everybody, or one for each language that has any. Where Chinese or English has none, the closest stands in:
 * another Chinese one for Chinese, else the other of the two, else the first.
 */
function readLabel(given: unknown, key: string, wrong: Wrong): Names {
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  const written = isObject ? Object.entries(given) : [["zh", given] as const];
  const isFine = (text: unknown) => typeof text === "string" && text.trim() !== "" && text.length <= 200;
  if (written.length === 0 || !written.every(([, text]) => isFine(text))) {
    wrong(
      `${key} 须为 1 到 200 个字符的文字，或每种语言一段这样的文字`,
      `${key} is a text of 1 to 200 characters, or one for each language`,
    );
    return { zh: "", en: "" };
  }
  const texts = new Map<string, string>();
  for (const [tag, text] of written) {
    const language = readLanguage(tag);
    if (language === null)
      wrong(`${key} 中的 ${tag} 不是语言标签`, `${key} has ${tag}, which is no language`);
    else texts.set(language, text);
  }
  const [first = ""] = texts.values();
  const otherChinese = [...texts].find(([language]) => isChinese(language))?.[1];
  const zh = texts.get("zh") ?? otherChinese ?? texts.get("en") ?? first;
  const en = texts.get("en") ?? texts.get("zh") ?? first;
  return { ...Object.fromEntries(texts), zh, en };
}

function readList<Name extends string>(
  one: Json,
  key: string,
  known: readonly Name[],
  byDefault: readonly Name[],
  wrong: Wrong,
): readonly Name[] {
  const given = one[key] ?? byDefault;
  const isFine = Array.isArray(given) && given.every((name) => known.includes(name as Name));
  if (!isFine) wrong(`${key} 只能有 ${known.join("、")}`, `${key} lists ${known.join(", ")}`);
  return isFine ? (given as readonly Name[]) : byDefault;
}
