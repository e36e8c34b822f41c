import { expect, it } from "vitest";
import { safeNextAddress, safeNextPath } from "./next-path.ts";

const origin = "https://www.example.com";

it.each(["/", "/account/password", "/a?b=c&d=%2F%2Fe#f", "/美多/购物车"])(
  "goes to the own path %s",
  (path) => {
    expect(new URL(safeNextPath(path, origin), origin).href).toBe(new URL(path, origin).href);
  },
);

it.each([
  "https://evil.example/",
  "//evil.example",
  "/.//evil.example",
  "/%2e//evil.example/a",
  "/a/..//evil.example",
  "/a/../..///evil.example",
  "/\\evil.example",
  "\\/evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  "account",
  "",
  `/${"a".repeat(3000)}`,
  undefined,
  ["/account", "//evil.example"],
])("goes home instead of to %j", (next) => {
  expect(safeNextPath(next, origin)).toBe("/");
});

it.each([
  ["https://shop.example/cart?id=7#pay", "https://shop.example/cart?id=7#pay"],
  ["https://shop.example", "https://shop.example/"],
  ["/account", "/account"],
  ["https://shop.example.evil.example/", "/"],
  ["https://shop.example@evil.example/", "/"],
  ["https://shop.example//evil.example", "/"],
  ["https://shop.example/\\evil.example", "/"],
  ["https://shop.example:8443/", "/"],
  ["http://shop.example/", "/"],
  ["https://evil.example/", "/"],
  [["https://shop.example/"], "/"],
])("with a listed origin %j leads to %j", (next, leads) => {
  expect(safeNextAddress(next, ["https://shop.example"])).toBe(leads);
});
