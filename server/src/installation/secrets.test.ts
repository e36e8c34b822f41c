import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dataFolder } from "../../test/support/product-process.ts";
import { ConfigError } from "../errors/config-problem.ts";
import { readOrMakeSecretKey } from "./secrets.ts";

let folder: ReturnType<typeof dataFolder>;
beforeEach(() => {
  folder = dataFolder();
});
afterEach(() => folder.release());

test("a key is made once and kept", () => {
  const made = readOrMakeSecretKey(folder.path);
  expect(Buffer.byteLength(made)).toBeGreaterThanOrEqual(32);
  expect(readOrMakeSecretKey(folder.path)).toBe(made);
});

test.each(["x", "0123456789012345678901234567890"])(
  "a file with the short key %j is refused and stays as it is",
  (short) => {
    const file = join(folder.path, "secret-key");
    writeFileSync(file, `${short}\n`);
    expect(() => readOrMakeSecretKey(folder.path)).toThrow(ConfigError);
    expect(() => readOrMakeSecretKey(folder.path)).toThrow(/shorter than 32 bytes/);
    expect(readFileSync(file, "utf8")).toBe(`${short}\n`);
  },
);

test("an empty file, as a full disk leaves it, is replaced", () => {
  writeFileSync(join(folder.path, "secret-key"), "");
  expect(Buffer.byteLength(readOrMakeSecretKey(folder.path))).toBeGreaterThanOrEqual(32);
});
