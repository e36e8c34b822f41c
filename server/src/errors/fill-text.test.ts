import { expect, test } from "vitest";
import { fillText } from "./fill-text.ts";

test("each place gets the value of its name, a number too", () => {
  expect(fillText("{a} 和 {b}，{a}", { a: "x", b: 0 })).toBe("x 和 0，x");
});

test("a place without a value stays, also where every object has such a property", () => {
  expect(fillText("{a} {constructor}", {})).toBe("{a} {constructor}");
  expect(fillText("{a}")).toBe("{a}");
});

test("a value is text and nothing else", () => {
  expect(fillText("{a}{b}", { a: "{b}", b: "$&" })).toBe("{b}$&");
});
