import { expect, it } from "vitest";
import { deceptive, withoutDeceptive } from "./visible-text.ts";

it.each([
  "\u202e",
  "\u2066",
  "\u200f",
  "\u061c",
  "\u200b",
  "\ufeff",
  "\u00ad",
  "\u3164",
  "\u2028",
  "\u0085",
  "\ufff9",
  "\ud800",
  "\u{e0001}",
  "\ufffe",
])("%j deceives", (character) => {
  expect(deceptive.test(`张${character}三`)).toBe(true);
  expect(withoutDeceptive(`张${character}三`)).toBe("张三");
});

it.each(["👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می‌خواهم", "葛󠄀", "❤️", "José", "е́", "🇨🇳"])("%s stays", (text) => {
  expect(deceptive.test(text)).toBe(false);
  expect(withoutDeceptive(text)).toBe(text);
});
