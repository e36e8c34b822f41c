import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** A promise that names its guarding test is worth as much as that test: it has to exist. */
const root = fileURLToPath(new URL("../../", import.meta.url));
const listed = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file).replaceAll("\\", "/"))
    .filter((file) => !file.includes("node_modules/"));

const tests = ["server", "client", "web", "sandbox", "scripts", "e2e", "bench"]
  .flatMap(listed)
  .filter((file) => file.endsWith(".test.ts"));

const texts = [
  ...listed("server/src").filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts")),
  ...listed("docs").filter((file) => file.endsWith(".md")),
  "SECURITY.md",
  "ARCHITECTURE.md",
];

/** Every `name.test.ts` in a text, with its folder where one is given. */
function namesIn(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...new Set(text.match(/[\w./-]*\w\.test\.ts\b/g) ?? [])];
}

const exists = (name: string) => tests.some((test) => `/${test}`.endsWith(`/${name.replace(/^[./]+/, "")}`));

describe("guarding tests", () => {
  it.each(texts.map((file) => [file, namesIn(file)] as const).filter(([, names]) => names.length > 0))(
    "that %s names exist",
    (_file, names) => {
      expect(names.filter((name) => !exists(name))).toEqual([]);
    },
  );

  it("are named for every requirement of docs/threats.md that is met", () => {
    const rows = readFileSync(join(root, "docs/threats.md"), "utf8")
      .split("\n")
      .filter((line) => /^\| \d+\.\d+\.\d+/.test(line));
    expect(rows.length).toBeGreaterThan(100);
    const states = ["met", "partly", "not met", "not applicable", "by design"];
    for (const row of rows) {
      const [, id, , state = "", answer = ""] = row.split("|").map((cell) => cell.trim());
      expect(states, id).toContain(state);
      expect(answer.length, id).toBeGreaterThan(5);
      if (state === "met") expect(row, `${id} names its guard`).toMatch(/\.test\.ts/);
    }
  });

  it("tell a name that does not exist from one that does", () => {
    expect(exists("threats.test.ts")).toBe(true);
    expect(exists("server/test/threats.test.ts")).toBe(true);
    expect(exists("reats.test.ts")).toBe(false);
    expect(exists("e2e/threats.test.ts")).toBe(false);
  });
});
