import { expect, it } from "vitest";
import { addressBelow, basePathOf, targetBelow } from "./public-address.ts";

it.each([
  ["https://shop.example", "", "https://shop.example/login"],
  ["https://shop.example/", "", "https://shop.example/login"],
  ["https://shop.example/account", "/account", "https://shop.example/account/login"],
  ["http://shop.example:8080/a/b/", "/a/b", "http://shop.example:8080/a/b/login"],
])("%s has the path %j, and pages below it", (url, path, page) => {
  expect(basePathOf(url)).toBe(path);
  expect(addressBelow(url, "/login")).toBe(page);
});

it("keeps a fragment, and ends the first page with a slash", () => {
  expect(addressBelow("https://shop.example/account", "/not-me#7.abc")).toBe(
    "https://shop.example/account/not-me#7.abc",
  );
  expect(addressBelow("https://shop.example/account", "/")).toBe("https://shop.example/account/");
});

it.each([
  ["/account", "/account/login?next=/account/x", "/login?next=/account/x"],
  ["/account", "/account/", "/"],
  ["/account", "/account", null],
  ["/account", "/accounts/login", null],
  ["/account", "/account?x", null],
  ["/account", "/%61ccount/login", null],
  ["/account", "/account/account/login", "/account/login"],
  ["", "/account/login", null],
])("below %j the target %s is %j", (base, target, own) => expect(targetBelow(base, target)).toBe(own));
