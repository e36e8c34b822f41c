import { expect, test } from "vitest";
import { isSameSite } from "./same-site.ts";

test.each([
  ["https://www.shop.example", "https://api.shop.example", true],
  ["https://shop.example", "https://a.b.shop.example:8443", true],
  ["https://www.shop.co.uk", "https://api.shop.co.uk", true],
  ["https://shop.co.uk", "https://other.co.uk", false],
  ["https://one.github.io", "https://two.github.io", false],
  ["https://x.one.github.io", "https://one.github.io", true],
  ["https://www.美多.中国", "https://api.xn--ooto8f.xn--fiqs8s", false],
  ["http://www.shop.example", "https://api.shop.example", false],
  ["https://shop.example", "https://shop.example.evil.example", false],
  ["https://notshop.example", "https://shop.example", false],
  ["http://localhost:3000", "http://localhost:8000", true],
  ["http://localhost", "http://127.0.0.1", false],
  ["http://a.localhost", "http://b.localhost", false],
  ["http://127.0.0.1", "http://127.0.0.2", false],
  ["http://[::1]:1", "http://[::1]:2", true],
  ["https://intranet", "https://wiki", false],
  ["https://github.io", "https://one.github.io", false],
])("%s and %s: %s", async (one, other, same) => {
  expect(await isSameSite(new URL(one), new URL(other))).toBe(same);
  expect(await isSameSite(new URL(other), new URL(one))).toBe(same);
});
