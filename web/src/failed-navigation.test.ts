import { ApiError } from "@meiduo/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { errorQuery, noteOpened, remedyFor } from "./failed-navigation.ts";

const gone = new TypeError("Failed to fetch dynamically imported module");
beforeEach(() => sessionStorage.clear());
afterEach(() => vi.unstubAllGlobals());

it("loads the wanted address anew once, then shows the error page, until a page has opened", () => {
  expect(remedyFor(gone, "/terms?a=b#c", true)).toEqual({ load: "/terms?a=b#c" });
  expect(remedyFor(gone, "/terms?a=b#c", true)).toEqual({ query: {} });
  expect(remedyFor(gone, "/forgot-password", true)).toEqual({ query: {} });
  noteOpened();
  expect(remedyFor(gone, "/forgot-password", true)).toEqual({ load: "/forgot-password" });
});

it("stays on the site without a network, and does not count that as a try", () => {
  for (const _ of [1, 2]) {
    expect(remedyFor(gone, "/terms", false)).toEqual({ query: { reason: "offline", next: "/terms" } });
  }
  expect(remedyFor(gone, "/terms", true)).toEqual({ load: "/terms" });
});

it.each(["//evil.example/terms", "/.//evil.example", "/\\evil.example"])(
  "does not leave the site for %s",
  (address) => {
    expect(remedyFor(gone, address, true)).toEqual({ load: "/" });
    expect(remedyFor(gone, address, false)).toEqual({ query: { reason: "offline", next: "/" } });
  },
);

it("never loads anew where the browser refuses storage: it would not know when to stop", () => {
  vi.stubGlobal("sessionStorage", {
    getItem: () => null,
    setItem: () => {
      throw new DOMException("refused", "SecurityError");
    },
  });
  expect(remedyFor(gone, "/terms", true)).toEqual({ query: {} });
});

it("passes on the id of the request that failed, and nothing else of the failure", () => {
  const failed = new ApiError({ code: "internal", message: "secret", status: 500, requestId: "abc-123" });
  expect(errorQuery(failed)).toEqual({ request: "abc-123" });
  expect(errorQuery(new ApiError({ code: "network", message: "secret" }))).toEqual({});
  expect(errorQuery(new Error("secret"))).toEqual({});
});
