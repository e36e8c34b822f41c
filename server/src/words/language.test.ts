import { expect, test } from "vitest";
import { createPick, ownName, readLanguage, tagOf } from "./language.ts";

test.each([
  ["zh", "zh"],
  ["zh-CN", "zh"],
  ["ZH-hans", "zh"],
  ["zh-hant", "zh-Hant"],
  ["EN", "en"],
  ["pt-br", "pt-BR"],
  ["qqq", null],
  ["zh_CN", null],
  ["../en", null],
  ["", null],
])("the tag %j is the language %j", (tag, language) => {
  expect(readLanguage(tag)).toBe(language);
});

test("a language is named as its readers and as headers name it", () => {
  expect(["zh", "zh-Hant", "ja", "en", "fr"].map(ownName)).toEqual([
    "简体中文",
    "繁體中文",
    "日本語",
    "English",
    "français",
  ]);
  expect(["zh", "zh-Hant", "ja"].map(tagOf)).toEqual(["zh-Hans", "zh-Hant", "ja"]);
});

test.each([
  ["zh-TW", "zh"],
  ["pt", "pt-BR"],
  ["pt-PT", "pt-PT"],
  ["pt-BR,pt;q=0.9", "pt-BR"],
  ["pt-AO", "pt-PT"],
  ["sr-Latn", "sr"],
  ["de;q=0.2,ja;q=0.1", "pt-BR"],
  ["x-klingon,-,zh;q=0.1", "zh"],
  [`${"a-".repeat(2000)},zh`, "zh"],
])("of zh, pt-PT, pt-BR and sr the reader of %j gets %s", (header, language) => {
  const pick = createPick({
    languages: ["zh", "pt-PT", "pt-BR", "sr"],
    silent: "zh",
    others: "pt-BR",
  });
  // Asked twice: the second answer is a remembered one.
  expect([pick(header), pick(header)]).toEqual([language, language]);
});
