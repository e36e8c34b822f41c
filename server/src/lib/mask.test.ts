import { expect, test } from "vitest";
import { maskAddress, maskAddresses, maskDeep, maskMobile } from "./mask.ts";

test.each([
  ["zhangsan@163.com", "z***@163.com"],
  ["a@b.c", "a***@b.c"],
  ["张三@example.com", "张***@example.com"],
  ["𠮷野@example.com", "𠮷***@example.com"],
  ["not an address", "***"],
  ["@b.c", "***"],
])("maskAddress(%s)", (address, masked) => expect(maskAddress(address)).toBe(masked));

test("every address in a text is masked, the rest stays", () => {
  expect(maskAddresses("550 <zhang.san+x@163.com>: unknown; from 'li@qq.com', code 5.1.1")).toBe(
    "550 <z***@163.com>: unknown; from 'l***@qq.com', code 5.1.1",
  );
});

test("a long text without an address is masked in linear time", () => {
  const text = "a".repeat(200_000);
  const started = process.hrtime.bigint();
  expect(maskAddresses(text)).toBe(text);
  expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(2000);
});

test("maskDeep reaches every string and leaves the original", () => {
  const original = { to: "abc@d.ef", list: [{ x: "q@r.s" }], n: 1, none: null };
  expect(maskDeep(original)).toEqual({ to: "a***@d.ef", list: [{ x: "q***@r.s" }], n: 1, none: null });
  expect(original.to).toBe("abc@d.ef");
});

test("maskMobile", () => {
  expect(maskMobile("13800138000")).toBe("138****8000");
  expect(maskMobile("12")).toBe("***");
});
