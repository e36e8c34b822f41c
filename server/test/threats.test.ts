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

/**
 * OWASP ASVS 5.0.0: how many requirements of levels 1 and 2 each section has. They come first in a section, those of
 * level 3 alone after them.
 */
const levelTwo: Readonly<Record<string, number>> = {
  ...{ "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1 },
  ...{ "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4 },
  ...{ "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3 },
  ...{ "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1 },
  ...{ "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2 },
  ...{ "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2 },
  ...{ "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3 },
  ...{ "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4 },
  "17.3": 2,
};

/** `10.4.1–3` are three. */
function idsOf(range: string): string[] {
  const [, section, from, to = from] = /^(\d+\.\d+)\.(\d+)(?:–(\d+))?$/.exec(range) ?? [];
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => `${section}.${Number(from) + i}`);
}

describe("guarding tests", () => {
  it.each(texts.map((file) => [file, namesIn(file)] as const).filter(([, names]) => names.length > 0))(
    "that %s names exist",
    (_file, names) => {
      expect(names.filter((name) => !exists(name))).toEqual([]);
    },
  );

  const rows = ["docs/threats.md", "docs/threats-ground.md"].flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .filter((line) => /^\| \d+\.\d+\.\d+/.test(line))
      .map((row) => row.split("|").map((cell) => cell.trim())),
  );

  it("are named for every requirement of the standard that is met", () => {
    const states = ["met", "partly", "not met", "not applicable", "by design"];
    for (const [, id, , state = "", answer = ""] of rows) {
      expect(states, id).toContain(state);
      expect(answer.length, id).toBeGreaterThan(5);
      if (state === "met") expect(answer, `${id} names its guard`).toMatch(/\.test\.ts/);
    }
  });

  it("stand behind an answer to every requirement up to level 2, and to none twice", () => {
    const answered = rows.flatMap(([, id = ""]) => idsOf(id));
    expect(answered.filter((id, i) => answered.indexOf(id) !== i)).toEqual([]);
    const asked = Object.entries(levelTwo).flatMap(([section, count]) => idsOf(`${section}.1–${count}`));
    expect(asked).toHaveLength(253);
    expect(asked.filter((id) => !answered.includes(id))).toEqual([]);
  });

  it("tell a name that does not exist from one that does", () => {
    expect(exists("threats.test.ts")).toBe(true);
    expect(exists("server/test/threats.test.ts")).toBe(true);
    expect(exists("reats.test.ts")).toBe(false);
    expect(exists("e2e/threats.test.ts")).toBe(false);
  });
});
