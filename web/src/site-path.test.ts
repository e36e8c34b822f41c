import { expect, it } from "vitest";
import { readPageSettings } from "./page-settings.ts";
import { addressOf, routeOf } from "./site-path.ts";

it.each([
  ["", "/login?a=b", "/login?a=b"],
  ["/account", "/account/login?a=b#c", "/login?a=b#c"],
  ["/account", "/account/account/password", "/account/password"],
  ["/account", "/account", "/"],
  ["/account", "/account?a=b", "/?a=b"],
  ["/account", "/account/", "/"],
  ["/account", "/cart", null],
  ["/account", "/", null],
  ["/account", "/accounts", null],
  ["/account", "/account-api/docs", null],
])("below %j the origin's %s is the route %j", (base, address, route) => {
  expect(routeOf(address, base)).toBe(route);
});

it("a route's address has the path before it", () => {
  expect(addressOf("/login", "/account")).toBe("/account/login");
  expect(addressOf("/login", "")).toBe("/login");
});

it("the page says which path it is, and nothing where there is none", () => {
  expect(readPageSettings('{"home":null,"base":"/account"}').base).toBe("/account");
  expect(readPageSettings("{}").base).toBe("");
});
