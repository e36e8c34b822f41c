import { expect, it } from "vitest";
import { isOneWriting } from "./writing-systems.ts";

it.each([
  ["全民python", true],
  ["张三丰-2", true],
  ["さくらサクラ桜a", true],
  ["ㄅㄆ張a", true],
  ["김철수kim金", true],
  ["Пётр2", true],
  ["ئۇيغۇر", true],
  ["བོད་ཡིག", true],
  ["ᠮᠣᠩᠭᠣᠯ", true],
  ["ꆈꌠꉙ", true],
  ["𐌰𐌱𐌲", true],
  ["१२३नमस्ते", true],
  ["pаypal", false],
  ["全民рython", false],
  ["αdmin", false],
  ["김さくら", false],
  ["ㄅさ", false],
  ["𐌰bc", false],
  ["1२3", false],
  ["a1٢", false],
  ["", true],
])("%s: %s", (text, isOne) => expect(isOneWriting(text)).toBe(isOne));
