import { describe, expect, it } from "vitest";
import { nextPath } from "./next-path.ts";

describe("the path to come back to", () => {
  it.each([
    ["/cart?id=1#top", "/cart?id=1#top"],
    ["/a/b//", "/"],
    ["//evil.test", "/"],
    ["/\\evil.test", "/"],
    ["/.//evil.test", "/"],
    ["/\t/evil.test", "/"],
    ["https://evil.test", "/"],
    ["javascript:alert(1)", "/"],
    [["/cart"], "/"],
    [undefined, "/"],
    [`/${"x".repeat(2000)}`, "/"],
    ["/search?q=a//b", "/search?q=a//b"],
  ])("of %j is %s", (next, path) => {
    expect(nextPath(next)).toBe(path);
  });
});
