import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SettingProblem } from "../errors/setting-problem.ts";
import { readTextFiles } from "./text-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-texts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What is wrong with a file of these bytes, in English. */
function problemsOf(content: unknown, file = "en.json"): string[] {
  writeFileSync(join(folder, file), content instanceof Buffer ? content : JSON.stringify(content));
  return readTextFiles(folder).problems.map(
    ({ code, parameters }) => new SettingProblem(code, parameters).en,
  );
}

test("texts are read by language, whatever else is in the folder", () => {
  writeFileSync(join(folder, "README.md"), "notes");
  writeFileSync(join(folder, ".gitignore"), "");
  mkdirSync(join(folder, "mails"));
  writeFileSync(join(folder, "zh-CN.json"), '{"errors.not_found": "没有这个地方。"}');
  writeFileSync(join(folder, "fr.json"), '{"errors.not_found": "Introuvable."}');
  const { texts, problems } = readTextFiles(folder);
  expect(problems).toEqual([]);
  expect([...texts].map(([language, found]) => [language, found.get("errors.not_found")])).toEqual([
    ["fr", "Introuvable."],
    ["zh", "没有这个地方。"],
  ]);
});

test.each([
  [
    "a key that there is not",
    { "errors.not_fond": "x" },
    /en\.json .*"errors\.not_fond".*"errors\.not_found"/,
  ],
  ["a number", { "errors.not_found": 404 }, /in quotes: mend "errors\.not_found"/],
  ["a text without letters", { "errors.not_found": " " }, /no text for "errors\.not_found"/],
  ["a text without end", { "errors.not_found": "a".repeat(2001) }, /more than 2000 characters/],
  [
    "a place that is missing",
    { "errors.fields.too_long": "Too long." },
    /lacks \{max\}: mend "errors\.fields\.too_long"/,
  ],
  [
    "a place that nothing fills",
    { "errors.fields.too_long": "{max} {mx}" },
    /\{mx\} in a text that can have \{max\}/,
  ],
  ["a line break", { "errors.not_found": "a\r\nBcc: victim@example.com" }, /line break.*"errors\.not_found"/],
  ["a line separator", { "errors.not_found": "a\u2028b" }, /line break/],
  ["a NUL", { "errors.not_found": "a\u0000b" }, /control character/],
  ["a turn of direction", { "errors.not_found": "a\u202eb" }, /turns the direction/],
  ["an isolate", { "errors.not_found": "a\u2067b" }, /turns the direction/],
  ["half a character", { "errors.not_found": "a\ud800b" }, /control character/],
  ["a list", ["x"], /other than a JSON object/],
  ["null", null, /other than a JSON object/],
  ["no JSON", Buffer.from("{'errors.not_found': 1}"), /can't be read as JSON/],
  ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), /can't be read as JSON/],
  ["a file without end", Buffer.alloc(1024 * 1024 + 1, " "), /can't be read as JSON/],
])("%s is named", (_, content, words) => {
  expect(problemsOf(content)).toEqual([expect.stringMatching(words)]);
  expect(readTextFiles(folder).texts.get("en")).toEqual(new Map());
});

test("every problem of every file is named, and what is right is kept", () => {
  problemsOf({ "errors.not_found": 1, "errors.gone": "x", "errors.busy": "Later." }, "zh-Hant.json");
  const found = problemsOf({ "errors.not_found": "" }, "ja.json");
  expect(found.map((one) => /\S+\.json/.exec(one)?.[0])).toEqual(["ja.json", "zh-Hant.json", "zh-Hant.json"]);
  expect(readTextFiles(folder).texts.get("zh-Hant")).toEqual(new Map([["errors.busy", "Later."]]));
});

test("a provider may be named by either title, and the site's name is the operator's to leave out", () => {
  const key = "errors.provider_trouble";
  expect(problemsOf({ [key]: "{provider}" })).toEqual([]);
  expect(problemsOf({ [key]: "{brand}: {providerEn}" })).toEqual([]);
  expect(problemsOf({ [key]: "It failed." })).toEqual([expect.stringContaining("lacks {provider}")]);
});

test("a file's name is a language, and each language has one", () => {
  expect(problemsOf({}, "english.json")).toEqual([
    expect.stringContaining("english.json, which is named after no language"),
  ]);
  rmSync(join(folder, "english.json"));
  problemsOf({}, "zh.json");
  expect(problemsOf({}, "zh-CN.json")).toEqual([
    expect.stringContaining("another file of the same language"),
  ]);
});

test("a folder that is not there is a problem", () => {
  const { problems } = readTextFiles(join(folder, "gone"));
  expect(problems).toEqual([{ code: "textsFolder", parameters: { reason: "ENOENT" } }]);
});
