import fc from "fast-check";
import { expect, test } from "vitest";
import { safeNext, safeNextOn } from "./next-path.ts";

test.each([
  "/",
  "/index.html",
  "/搜索.html",
  "/%E6%90%9C%E7%B4%A2.html",
  "/goods/1?from=a&b=//c",
  "/search?q=http://example.com/",
  "/a b",
  "/user_center_info.html#top",
  "/a/../b",
])("%j is a path of the site", (next) => {
  expect(safeNext(next)).toBe(next);
});

test.each([
  "",
  "index.html",
  "http://evil.example/",
  "https:/evil.example",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\/evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/%2Fevil.example",
  "/%2fevil.example",
  "/%252Fevil.example",
  "/%25252525252Fevil.example",
  "/%5Cevil.example",
  "/%09/evil.example",
  "/a%0d%0aSet-Cookie:x=1",
  "/.//evil.example",
  "/a/..//evil.example",
  "/%2e%2e//evil.example",
  "/\uFF0Fevil.example",
  "/\u202Egpj.exe",
  "javascript:alert(1)",
  "/%",
  "/%E0%A4",
  " /",
  "\u0000/",
  "/\uD800",
  `/${"a".repeat(2000)}`,
])("%j is not", (next) => {
  expect(safeNext(next)).toBeNull();
});

const hostile = fc
  .array(
    fc.constantFrom(
      ...["/", "\\", "//", ".", "..", "%2F", "%5c", "%252f", "%00", "\t", "\n", "@", ":", "?", "#", ";"],
      ...["evil.example", "javascript:", "http:", "a", "搜索", "\uFF0F", "\uFF3C", "%E2%80%8F", " "],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

/** What a browser makes of `location.href = next` on the site. */
function lands(next: string): URL {
  return new URL(next, "https://www.example.com/oauth/callback/qq");
}

test("whatever is let through stays on the site, however a reader decodes it", () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.webUrl(), fc.string({ unit: "binary" }), fc.string()), (raw) => {
      let next = safeNext(raw);
      if (next === null) return;
      expect(next).toBe(raw);
      for (let round = 0; round < 6; round++) {
        expect(lands(next).origin).toBe("https://www.example.com");
        expect(lands(lands(next).pathname).origin).toBe("https://www.example.com");
        expect(next).not.toMatch(/[\p{Cc}\\]/u);
        next = decodeURIComponent(next);
      }
    }),
    { numRuns: 5000 },
  );
});

test("ordinary paths with ordinary queries pass", () => {
  const segment = fc.stringMatching(/^[a-zA-Z0-9_.~-]{1,10}$/).filter((one) => !/^\.+$/.test(one));
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 5 }), fc.dictionary(segment, segment), (path, query) => {
      const search = new URLSearchParams(query).toString();
      const next = `/${path.join("/")}${search ? `?${search}` : ""}`;
      expect(safeNext(next)).toBe(next);
    }),
  );
});

const listed = ["https://shop.example", "https://m.shop.example:8443"];

test.each([
  ["https://shop.example", "https://shop.example/"],
  ["https://shop.example/", "https://shop.example/"],
  ["https://shop.example/cart?id=7#pay", "https://shop.example/cart?id=7#pay"],
  ["https://m.shop.example:8443/a", "https://m.shop.example:8443/a"],
  ["/cart", "/cart"],
])("%j leads to a listed origin, or to the site", (next, leads) => {
  expect(safeNextOn(next, listed)).toBe(leads);
});

test.each([
  "https://shop.example.evil.example/",
  "https://shop.example:8443/",
  "https://shop.example@evil.example/",
  "https://shop.example:x@evil.example/",
  "https://shop.example\\@evil.example/",
  "https://shop.example//evil.example",
  "https://shop.example/%2Fevil.example",
  "https://shop.example/\t/evil.example",
  "https://shop.example?a",
  "HTTPS://SHOP.EXAMPLE/",
  "http://shop.example/",
  "https://evil.example/https://shop.example/",
  "//shop.example/",
])("%j does not", (next) => {
  expect(safeNextOn(next, listed)).toBeNull();
});

test("whatever is let through is on a listed origin, as a browser reads it, or a path of the site", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom(
      "/",
      "//evil.example",
      "@evil.example",
      ".evil.example/",
      ":8443/",
      "\\@evil.example",
      "/a?b#c",
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...listed, "https://evil.example"), text, (origin, rest) => {
      const next = safeNextOn(origin + rest, listed);
      if (next === null) return;
      expect(listed).toContain(new URL(next, "https://site.invalid").origin);
    }),
    { numRuns: 2000 },
  );
});
