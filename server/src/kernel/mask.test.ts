import { expect, test } from "vitest";
import { errorLine, mask, maskText } from "./mask.ts";

test.each([
  ["zhangsan@163.com", "z***@163.com"],
  ["a@b.c", "a***@b.c"],
  ["张三@example.com", "张***@example.com"],
  ["𠮷野@example.com", "𠮷***@example.com"],
  [
    "550 <zhang.san+x@163.com>: unknown; from 'li@qq.com', code 5.1.1",
    "550 <z***@163.com>: unknown; from 'l***@qq.com', code 5.1.1",
  ],
  ["call 13800138000, or (li@qq.com)", "call 138****8000, or (l***@qq.com)"],
  ["at 1790000000000, line 1234567890", "at 1790000000000, line 1234567890"],
  ["no address", "no address"],
])("%s", (text, masked) => expect(maskText(text)).toBe(masked));

test("reaches every text and leaves the original", () => {
  const original = { to: ["44@qq.com"], note: { text: "<zhang.san@163.com>" }, at: 5, none: null };
  expect(mask(original)).toEqual({
    to: ["4***@qq.com"],
    note: { text: "<z***@163.com>" },
    at: 5,
    none: null,
  });
  expect(original.to).toEqual(["44@qq.com"]);
});

test("an error becomes one line of bounded length", () => {
  expect(errorLine(new TypeError("no such\n user 44@qq.com"))).toBe("TypeError: no such user 4***@qq.com");
  expect(errorLine("x".repeat(2000))).toHaveLength(500);
});

test("a long text of a foreign server takes linear time", () => {
  // Quadratic time takes minutes for these: the run's own time limit is the guard.
  for (const text of ["x".repeat(300_000), "x@".repeat(100_000)]) maskText(text);
});
