import { expect, it } from "vitest";
import { chooseLanguage, fillMessage, language, text } from "./language.ts";
import { readPageLanguages } from "./page-languages.ts";
import { en } from "./texts/en.ts";
import { zhCN } from "./texts/zh-cn.ts";

type Texts = { readonly [key: string]: string | readonly (string | Texts)[] | Texts };

/** Every text by its key: `logIn.submit`, `strength.level.0`. */
function flatten(texts: object, path = ""): [string, string][] {
  return Object.entries(texts as Texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value]] : flatten(value, `${path}${key}.`),
  );
}

it("fills names into a text, shows other braces and signs as they are, and runs nothing", () => {
  const fill = (message: string, values: Record<string, unknown>) =>
    fillMessage(message)({ named: (key: string) => values[key] as never });
  expect(fill("{provider}登录，{name}", { provider: "QQ", name: "{provider}" })).toBe("QQ登录，{provider}");
  expect(fill("name@example.com | a {b c} 100%", {})).toBe("name@example.com | a {b c} 100%");
  expect(fill("Again in {seconds} s", { seconds: 0 })).toBe("Again in 0 s");
  expect(fill("Hello, {name}", {})).toBe("Hello, ");
});

it("puts the operator's name of the text's language into a text, and never into a reader's words", () => {
  const fill = fillMessage("{brandShort} · {name}", { brandShort: "云起" });
  expect(fill({ named: () => "{brandShort}" as never })).toBe("{brandShort} · {brandShort}");
  expect(fill({ named: ((key: string) => (key === "name" ? "{brandShort}" : undefined)) as never })).toBe(
    "云起 · {brandShort}",
  );
});

it("says everything in both languages, with the same names to fill in", () => {
  // The operator's name may be in any text.
  const names = (words: string) =>
    [...words.matchAll(/\{(?!brand(?:Short)?\})(\w+)\}/g)].map(([, name]) => name).sort();
  const chinese = new Map(flatten(zhCN));
  const english = new Map(flatten(en));
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  for (const [key, words] of chinese) {
    expect(words.trim(), key).not.toBe("");
    expect(names(english.get(key)!), key).toEqual(names(words));
    // Syntax of the library's compiler, which is not there to read it.
    expect(words + english.get(key), key).not.toMatch(/\{'|@:|\{\d/);
  }
});

it("speaks through the library, in the language of the moment", () => {
  language.value = "zh-Hans";
  expect(text("code.wait", { seconds: 7 })).toBe("7 秒后重发");
  language.value = "en";
  expect(text("code.wait", { seconds: 7 })).toBe("Again in 7 s");
});

it("keeps the language it has where another one's texts can't be loaded", async () => {
  language.value = "en";
  await expect(chooseLanguage("tlh")).rejects.toThrow("the site offers no tlh");
  expect([language.value, document.documentElement.lang]).toEqual(["en", "en"]);
  await chooseLanguage("zh-Hans");
  expect([language.value, document.documentElement.lang]).toEqual(["zh-Hans", "zh-Hans"]);
  expect(localStorage.getItem("meiduo.language")).toBe("zh-Hans");
});

it("offers what the server wrote into the page, and nothing without that", () => {
  const ja = { tag: "ja", name: "日本語", texts: "/texts/ja.0.json" };
  expect(readPageLanguages(JSON.stringify({ offered: [ja], silent: "ja", others: "ja" }))).toEqual([ja]);
  expect(readPageLanguages("{}")).toEqual([]);
  expect(readPageLanguages(undefined)).toEqual([]);
});
