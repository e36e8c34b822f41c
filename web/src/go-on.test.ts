import { expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { goOn } from "./go-on.ts";

const page = { render: () => null };

async function whereTo(next: unknown, home: string | null = null, base = "", returnOrigins: string[] = []) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/", component: page },
      { path: "/login", component: page },
      { path: "/account", component: page },
      { path: "/:lost(.*)*", component: page, meta: { title: "", isLost: true } },
    ],
  });
  await router.push("/login");
  const leave = vi.fn();
  await goOn(router, next, { home, base, leave, returnOrigins });
  return leave.mock.calls.length > 0
    ? { loads: leave.mock.calls[0]![0] }
    : { shows: router.currentRoute.value.fullPath };
}

it.each([
  [undefined, null, { shows: "/" }],
  ["/account?tab=1", null, { shows: "/account?tab=1" }],
  ["/cart?id=7#pay", null, { loads: "/cart?id=7#pay" }],
  ["/cart", "https://shop.example/", { loads: "/cart" }],
  ["/account", "https://shop.example/", { shows: "/account" }],
  [undefined, "https://shop.example/welcome", { loads: "https://shop.example/welcome" }],
  ["/", "/shop", { loads: "/shop" }],
])("%j with the home %j leads to %j", async (next, home, place) => {
  expect(await whereTo(next, home)).toEqual(place);
});

it.each([
  "//evil.example/",
  "/\\evil.example",
  "https://evil.example/",
  "javascript:alert(1)",
  "/.//evil.example",
])("%j leads home and nowhere else", async (next) => {
  expect(await whereTo(next)).toEqual({ shows: "/" });
  expect(await whereTo(next, "/shop")).toEqual({ loads: "/shop" });
});

it.each([
  [undefined, null, { shows: "/" }],
  ["/account/account?tab=1", null, { shows: "/account?tab=1" }],
  ["/account", null, { shows: "/" }],
  // What isn't below the path is the shop's, though we have a page of that name.
  ["/login", null, { loads: "/login" }],
  ["/", null, { loads: "/" }],
  ["/", "/shop", { loads: "/" }],
  ["/cart?id=7#pay", "/shop", { loads: "/cart?id=7#pay" }],
  ["/account/../cart", null, { loads: "/cart" }],
  ["/account/nowhere", null, { loads: "/account/nowhere" }],
  ["/account/", "/shop", { loads: "/shop" }],
  [undefined, "/shop", { loads: "/shop" }],
  ["//evil.example/", null, { shows: "/" }],
  ["/account//evil.example/", null, { loads: "/account//evil.example/" }],
])("below /account %j with the home %j leads to %j", async (next, home, place) => {
  expect(await whereTo(next, home, "/account")).toEqual(place);
});

it("an address on an origin that is listed is loaded, and on no other", async () => {
  const listed = ["https://shop.example"];
  const cart = "https://shop.example/cart";
  expect(await whereTo(cart, null, "", listed)).toEqual({ loads: cart });
  expect(await whereTo(cart)).toEqual({ shows: "/" });
  expect(await whereTo("https://evil.example/cart", null, "", listed)).toEqual({ shows: "/" });
});
