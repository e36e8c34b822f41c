import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { findChromium } from "./find-chromium.mjs";

it("takes CHROMIUM_PATH where something is there, and looks no further", () => {
  expect(findChromium({ CHROMIUM_PATH: process.execPath })).toBe(process.execPath);
  expect(findChromium({ CHROMIUM_PATH: "/nowhere/chromium" })).not.toBe("/nowhere/chromium");
});

it("is what CI asks before it installs one", () => {
  const run = readFileSync(new URL("../.ci/run", import.meta.url), "utf8");
  expect(run).toContain("node scripts/find-chromium.mjs");
  expect(run).not.toMatch(/command -v chromium/);
});
