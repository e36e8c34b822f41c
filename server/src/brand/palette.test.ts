import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { contrast, readColor } from "./contrast.ts";
import {
  defaultMailPalette,
  mailPalette,
  mailSurfaces,
  replacedShades,
  scenery,
  sitePalette,
  siteStyles,
  surfaces,
} from "./palette.ts";

const anyColor = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, "0")}`);
const modes = ["light", "dark"] as const;

it.each([
  ["#000000", "#ffffff", 21],
  ["#777777", "#ffffff", 4.48],
  ["#1d5b4b", "#fffdf8", 7.79],
])("the contrast of %s and %s is %f", (one, other, ratio) => {
  expect(contrast(one, other)).toBeCloseTo(ratio, 2);
  expect(contrast(other, one)).toBe(contrast(one, other));
});

it("reads colours of three and six digits, and nothing else", () => {
  expect([readColor("#Abc"), readColor("#0F62fe")]).toEqual(["#aabbcc", "#0f62fe"]);
  for (const text of ["red", "#12345", "0f62fe", "#0f62fe;", "#ggg", ""])
    expect(readColor(text), text).toBeNull();
});

it("any colour can be read wherever the site uses it", () => {
  const readable = (light: string, dark: string) => {
    for (const mode of modes) {
      const palette = sitePalette({ light, dark }, mode);
      const fill = palette.leaf!;
      const { paper, card } = surfaces[mode];
      for (const ground of [paper, card, palette["leaf-wash"]!]) {
        expect(contrast(palette["leaf-text"]!, ground)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(palette.focus!, ground)).toBeGreaterThanOrEqual(3);
      }
      for (const ground of [fill, palette["leaf-deep"]!]) {
        expect(contrast(palette["on-leaf"]!, ground)).toBeGreaterThanOrEqual(4.5);
      }
      const edge = palette["leaf-edge"] === "transparent" ? fill : palette["leaf-edge"]!;
      for (const ground of [paper, card]) expect(contrast(edge, ground)).toBeGreaterThanOrEqual(3);
      expect(fill).toBe({ light, dark }[mode]);
    }
  };
  for (const color of ["#ffd400", "#000000", "#ffffff", "#0f62fe", "#808080"]) readable(color, color);
  fc.assert(fc.property(anyColor, anyColor, readable));
});

it("any colour can be read wherever mails use it, and 美多's red can", () => {
  const readable = (palette: typeof defaultMailPalette) => {
    expect(contrast(palette.text, mailSurfaces.card)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.text, palette.codeGround)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.onButton, palette.button)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.buttonEdge, mailSurfaces.card)).toBeGreaterThanOrEqual(3);
    expect(contrast(palette.darkText, mailSurfaces.darkCard)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.darkText, palette.darkCodeGround)).toBeGreaterThanOrEqual(4.5);
  };
  readable(defaultMailPalette);
  fc.assert(fc.property(anyColor, anyColor, (light, dark) => readable(mailPalette({ light, dark }))));
});

it("a readable colour stays as it is, and what stands in for another is told", () => {
  const both = (color: string) => ({ light: color, dark: color });
  expect(replacedShades({ light: "#1d5b4b", dark: "#93cfb9" })).toEqual([]);
  expect(replacedShades(both("#ffd400"))).toEqual([
    { mode: "light", color: "#ffd400", text: expect.any(String) },
  ]);
  expect(replacedShades(both("#00205b")).map(({ mode }) => mode)).toEqual(["dark"]);
});

it("is about the surfaces that the site has", () => {
  const tokens = readFileSync(new URL("../../../web/src/styles/tokens.css", import.meta.url), "utf8");
  const named = (name: string) => new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(tokens);
  for (const [name, light] of Object.entries({ ...surfaces.light, ...scenery.light })) {
    const dark = { ...surfaces.dark, ...scenery.dark }[name as "paper"];
    expect(named(name)?.slice(1), name).toEqual([light, dark]);
  }
  const { leaf, ...rest } = sitePalette({ light: "#0f62fe", dark: "#78a9ff" }, "light");
  for (const name of ["leaf", ...Object.keys(rest)]) expect(tokens, name).toContain(`--${name}:`);
  expect(siteStyles({ light: leaf!, dark: "#78a9ff" })).toContain("--leaf:#78a9ff");
});
