import { expect, test } from "vitest";
import { builtInTexts } from "./built-in.ts";
import { createWords, ourWords } from "./words.ts";

const own = new Map([
  ["zh", new Map([["errors.not_found", "这里什么也没有。"]])],
  ["fr", new Map([["errors.not_found", "Introuvable."]])],
  ["zh-Hant-HK", new Map([["errors.busy", "等陣再試。"]])],
]);

test("an operator's text goes before ours, a missing one comes from the closest language", () => {
  const words = createWords({ own });
  expect(words.languages).toEqual(["zh", "en", "zh-Hant", "ja", "fr", "zh-Hant-HK"]);
  expect(words.text("errors.not_found", "zh")).toBe("这里什么也没有。");
  expect(words.text("errors.not_found", "fr")).toBe("Introuvable.");
  expect(words.text("errors.busy", "fr")).toBe("The server is busy. Please try again shortly.");
  expect(words.text("errors.not_found", "zh-Hant-HK")).toBe("这里什么也没有。");
  expect(words.text("errors.not_found", "zh-Hant")).toBe("找不到。");
  expect(words.missing("fr")).toHaveLength(builtInTexts.size - 1);
  expect(words.missing("zh")).toEqual([]);
  expect(() => words.text("errors.nothing_such", "zh")).toThrow("errors.nothing_such");
});

test.each([
  [{}, undefined, "zh"],
  [{}, "th", "en"],
  [{ languages: ["ja"] }, "zh-CN,en", "ja"],
  [{ languages: ["ja"] }, undefined, "ja"],
  [{ languages: ["ja", "zh"] }, "th", "ja"],
  [{ languages: ["fr", "en"] }, undefined, "fr"],
  [{ languages: ["fr", "en"], defaultLanguage: "en" }, undefined, "en"],
  [{ languages: ["fr", "ja"], defaultLanguage: "ja" }, "th", "ja"],
])("with %j a reader of %s gets %s", (options, header, language) => {
  expect(createWords({ own, ...options }).pick(header)).toBe(language);
});

test("an embedding program's own text is in the languages it was declared in", () => {
  const texts = { zh: "打烊", en: "Closed", translations: { ja: "閉店" } };
  expect(["zh", "en", "ja", "zh-Hant", "fr"].map((language) => ourWords.textOf(texts, language))).toEqual([
    "打烊",
    "Closed",
    "閉店",
    "打烊",
    "Closed",
  ]);
});
