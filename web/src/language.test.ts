import { expect, it } from "vitest";
import { fillMessage, firstLanguage, language, text } from "./language.ts";
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

it("says everything in both languages, with the same names to fill in", () => {
  const names = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
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
  language.value = "zh-CN";
  expect(text("code.wait", { seconds: 7 })).toBe("7 秒后重发");
  language.value = "en";
  expect(text("code.wait", { seconds: 7 })).toBe("Again in 7 s");
});

it.each([
  ["en", ["zh-CN"], "en"],
  [null, ["zh-TW", "en"], "zh-CN"],
  [null, ["fr", "zh"], "en"],
  ["klingon", [], "zh-CN"],
])("begins with the reader's choice, else the browser's: %j %j", (chosen, languages, first) => {
  expect(firstLanguage(chosen as string | null, languages as string[])).toBe(first);
});
