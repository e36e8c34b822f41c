import { describe, expect, it } from "vitest";
import { SettingProblem, settingProblems } from "./setting-problem.ts";

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].toSorted();

describe("every problem of a setting", () => {
  it.each(Object.entries(settingProblems))("is reported in both languages: %s", (_code, { zh, en }) => {
    expect(zh).toMatch(/[\u4e00-\u9fff].*。$/u);
    expect(en).toMatch(/^["a-z].*[^.。]$/u);
    // A Chinese name may be an example of a value; a sentence has its marks.
    expect(en).not.toMatch(/[。，；：（]/u);
    expect(placeholders(zh)).toEqual(placeholders(en));
  });

  it("is filled in once, whatever the value looks like", () => {
    const { zh, en } = new SettingProblem("portTaken", { other: "{port}", port: 8000 });
    expect([zh, en]).toEqual([
      "与 {port} 都是 8000，请换一个端口。",
      "must differ from {port}: both are 8000",
    ]);
  });

  it("lists as each language does", () => {
    const schemes = { zh: "a:、b:", en: "a: or b:" };
    expect(new SettingProblem("scheme", { schemes })).toMatchObject({
      zh: "开头必须是 a:、b:。",
      en: "must begin with a: or b:",
      message: "must begin with a: or b:",
    });
  });
});
