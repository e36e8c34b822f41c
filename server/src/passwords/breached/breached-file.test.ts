import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SettingProblem } from "../../errors/setting-problem.ts";
import { blockBytes, openBreachedFile, readBreachedHeader, sha1 } from "./breached-file.ts";
import { makeBreachedFile } from "./make-breached-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-breached-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const hex = (password: string) => sha1(password).toString("hex").toUpperCase();
const words = Array.from({ length: 2000 }, (_, i) => `known password ${i}`);
const inOrder = (lines: readonly string[]) => `${lines.toSorted().join("\r\n")}\r\n`;

async function make(source: string, atLeast = 1) {
  const file = join(folder, "list.bin");
  const header = await makeBreachedFile({
    ...{ source, file, atLeast, madeAt: "2026-11-29T00:00:00.000Z" },
    progress: () => {},
  });
  return { file, header };
}

/** How many of them the file takes for known. */
async function countIn(file: string, passwords: readonly string[]): Promise<number> {
  const list = openBreachedFile(file);
  try {
    const answers = await Promise.all(passwords.map((password) => list.has(password)));
    return answers.filter(Boolean).length;
  } finally {
    await list.close();
  }
}

test("a hash is the one that the lists have (NIST FIPS 180-4; the first line of every such list's examples)", () => {
  expect(hex("password")).toBe("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
});

describe("a list in one file", () => {
  let made: Awaited<ReturnType<typeof make>>;
  beforeAll(async () => {
    const source = join(folder, "list.txt");
    writeFileSync(source, inOrder(words.map((word, i) => `${hex(word)}:${(i % 10) + 1}`)));
    made = await make(source);
  });

  test("every password of it is known, and next to no other", async () => {
    expect(made.header).toMatchObject({ entries: 2000, blocks: 1, atLeast: 1 });
    expect(await countIn(made.file, words)).toBe(words.length);
    const others = Array.from({ length: 4000 }, (_, i) => `another password ${i}`);
    // 0.06 % of them is 2; the filter has no chance in it, so these are always the same.
    expect(await countIn(made.file, others)).toBeLessThan(10);
  });

  test("the file is one page for the header and one for each block", () => {
    expect(readFileSync(made.file)).toHaveLength(2 * blockBytes);
    expect(readBreachedHeader(made.file)).toEqual(made.header);
  });

  test("what was seen more rarely than asked for is left out", async () => {
    const often = await make(join(folder, "list.txt"), 10);
    expect(often.header.entries).toBe(200);
    const [rare, frequent] = [words.filter((_, i) => i % 10 < 9), words.filter((_, i) => i % 10 === 9)];
    expect(await countIn(often.file, frequent)).toBe(frequent.length);
    expect(await countIn(often.file, rare)).toBeLessThan(20);
  });
});

test("a folder with a file for each prefix", async () => {
  const source = join(folder, "ranges");
  mkdirSync(source);
  const byPrefix = Object.groupBy(words.slice(0, 300).map(hex), (hash) => hash.slice(0, 5));
  for (const [prefix, hashes] of Object.entries(byPrefix)) {
    const lines = (hashes ?? []).map((hash) => `${hash.slice(5)}:7`);
    writeFileSync(join(source, `${prefix}.txt`), inOrder(lines));
  }
  writeFileSync(join(source, "README"), "not a list");
  const { file, header } = await make(source);
  expect(header.entries).toBe(300);
  expect(await countIn(file, words.slice(0, 300))).toBe(300);
});

describe("a list that can't be used names the line, and leaves no file", () => {
  test.each([
    ["no hash", `${hex("a")}:1\nhunter2:5\n`, /bad\.txt:2 is no SHA-1 hash/],
    ["another hash", `${"0".repeat(64)}:1\n`, /bad\.txt:1 is no SHA-1 hash/],
    ["the order", `${"F".repeat(40)}:1\n${"0".repeat(40)}:1\n`, /bad\.txt:2 is not in the order/],
    ["nothing", "", /has no hash/],
  ])("%s", async (_, text, message) => {
    const source = join(folder, "bad.txt");
    writeFileSync(source, text);
    const file = join(folder, "none.bin");
    const making = { source, file, atLeast: 1, madeAt: "", progress: () => {} };
    await expect(makeBreachedFile(making)).rejects.toThrow(message);
    expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false]);
  });
});

describe("a file that is none, or not whole, is named by the settings", () => {
  test.each([
    ["missing", () => join(folder, "nowhere")],
    [
      "another kind",
      () => {
        writeFileSync(join(folder, "text"), "5BAA6:1\n");
        return join(folder, "text");
      },
    ],
    [
      "cut off",
      () => {
        const cut = join(folder, "cut");
        writeFileSync(cut, readFileSync(join(folder, "list.bin")));
        truncateSync(cut, blockBytes);
        return cut;
      },
    ],
  ])("%s", (_, prepare) => expect(() => readBreachedHeader(prepare())).toThrow(SettingProblem));
});
