import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";

/** public/early.js as the browser runs it, before the first paint. */
const early = readFileSync(join(import.meta.dirname, "../public/early.js"), "utf8");
const offered = ["zh-Hans", "en", "zh-Hant", "ja", "pt-BR"].map((tag) => ({
  ...{ tag, name: tag },
  texts: `/texts/${tag}.1.json`,
}));

function begin(block: object, browser: readonly string[], chosen: string | null) {
  document.documentElement.lang = "zh-CN";
  document.head.innerHTML = `<script type="application/json" id="page-languages">${JSON.stringify(block)}</script>`;
  localStorage.clear();
  if (chosen !== null) localStorage.setItem("meiduo.language", chosen);
  vi.stubGlobal("navigator", { languages: browser });
  // Put into the page, it would be loaded.
  const added: Node[] = [];
  vi.spyOn(document.head, "appendChild").mockImplementation((node) => {
    added.push(node);
    return node;
  });
  new Function(early)();
  const [link] = added as Element[];
  const preload = link?.getAttribute("rel") === "preload" ? link.getAttribute("href") : null;
  return [document.documentElement.lang, preload];
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it.each([
  [null, ["zh-CN", "en"], "zh-Hans"],
  [null, ["zh-TW", "en"], "zh-Hant"],
  [null, ["zh-HK"], "zh-Hant"],
  [null, ["zh-Hant-US"], "zh-Hant"],
  [null, ["zh-Hans-TW"], "zh-Hans"],
  [null, ["zh"], "zh-Hans"],
  [null, ["ja-JP", "en"], "ja"],
  [null, ["fr", "zh-TW"], "zh-Hant"],
  [null, ["pt-PT"], "pt-BR"],
  [null, ["fr"], "en"],
  [null, [], "zh-Hans"],
  ["ja", ["en"], "ja"],
  // As earlier releases of the site kept it.
  ["zh-CN", ["en"], "zh-Hans"],
  ["klingon", ["en-GB"], "en"],
])("begins with the reader's choice, else the browser's: %j %j", (chosen, browser, tag) => {
  const block = { offered, silent: "zh-Hans", others: "en" };
  expect(begin(block, browser, chosen)).toEqual([tag, `/texts/${tag}.1.json`]);
});

it("takes the other Chinese where only that is offered", () => {
  const block = { offered: offered.slice(0, 2), silent: "en", others: "en" };
  expect(begin(block, ["zh-TW"], null)[0]).toBe("zh-Hans");
});

it("leaves a page without languages as it is", () => {
  expect(begin({}, ["ja"], "en")).toEqual(["zh-CN", null]);
});
