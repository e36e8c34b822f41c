import { expect, it } from "vitest";
import { textsOf } from "./errors.ts";

it("says a field's problem in both languages, with its values", () => {
  expect(textsOf({ code: "too_long", parameters: { max: 20 } })).toEqual({
    zh: "请确保这个字段不能超过 20 个字符。",
    en: "Ensure this field has no more than 20 characters.",
  });
});

it("says a problem that has texts of its own by them, and shows a value that is missing", () => {
  const texts = { zh: "{shop} 已打烊。", en: "{shop} is closed, {until}." };
  expect(textsOf({ code: "too_long", parameters: { shop: "一号店" }, texts })).toEqual({
    zh: "一号店 已打烊。",
    en: "一号店 is closed, {until}.",
  });
});
