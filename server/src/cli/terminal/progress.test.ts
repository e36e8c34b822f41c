import { describe, expect, it } from "vitest";
import { saidTerminal } from "../../../test/support/said-terminal.ts";
import { showProgress } from "./progress.ts";

/** A command's progress at times that the test chooses. */
function begin({ language = "en" as "zh" | "en", json = false, redraws = false } = {}) {
  const at = { millis: 5000 };
  const terminal = saidTerminal(language, { redraws });
  const progress = showProgress(terminal, json, () => at.millis);
  const { said } = terminal;
  return { at, drawn: said.drawn, progress, notes: () => said.notes.split("\n").slice(0, -1) };
}

describe("off a terminal", () => {
  it("a command that ends within ten seconds says nothing", () => {
    const { at, progress, notes, drawn } = begin();
    for (let done = 1; done <= 9; done++) {
      at.millis += 1000;
      progress.report("writing", done, 9);
    }
    progress.end();
    expect([notes(), drawn]).toEqual([[], []]);
  });

  it("a longer one says every ten seconds where it is, however often it reports", () => {
    const { at, progress, notes } = begin();
    for (let done = 1; done <= 250; done++) {
      at.millis += 100;
      progress.ofRows("copy", "users", done, 1000);
    }
    expect(notes()).toEqual([
      "copy    users                  [##----------------------]  10%  100/1000",
      "copy    users                  [#####-------------------]  20%  200/1000",
    ]);
  });

  it("says it in Chinese, and without a table where there is none", () => {
    const { at, progress, notes } = begin({ language: "zh" });
    at.millis += 60_000;
    progress.report("reading", 3, 4);
    expect(notes()).toEqual(["读取       [##################------]  75%  3/4"]);
  });

  it("with --json each is one line of JSON", () => {
    const { at, progress, notes } = begin({ json: true });
    at.millis += 10_000;
    progress.ofRows("compare", "users", 7, 9);
    at.millis += 10_000;
    progress.report("writing", 1, 0);
    expect(notes().map((text) => JSON.parse(text))).toEqual([
      { progress: { step: "compare", table: "users", done: 7, total: 9 } },
      { progress: { step: "writing", done: 1, total: 0 } },
    ]);
  });
});

describe("on a terminal", () => {
  it("draws one line anew when its percent changes, also with --json, and ends it", () => {
    const { progress, drawn, notes } = begin({ redraws: true, json: true });
    for (const done of [1, 2, 9, 2000]) progress.report("writing", done, 900);
    progress.end();
    expect(drawn).toEqual([
      "writing  [------------------------]   0%  1/900",
      "writing  [------------------------]   1%  9/900",
      "writing  [########################] 100%  2000/900",
      "",
    ]);
    expect(notes()).toEqual([]);
  });

  it("ends nothing where nothing was drawn", () => {
    const { progress, drawn } = begin({ redraws: true });
    progress.end();
    expect(drawn).toEqual([]);
  });
});
