import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, problemLine } from "../errors/config-problem.ts";
import { readEnvFile } from "./env-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-env-"));
  file = join(folder, ".env");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (content: string | Uint8Array) => {
  writeFileSync(file, content);
  return { ...readEnvFile(file) };
};

/** What is reported, a line a problem, each in both languages with nothing left to fill in. */
function said(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.problems.map(problemLine);
    for (const line of lines)
      expect(line).toMatch(/^\S+ [a-z][^\n{]*[^.]\. [^\n{]*[\u4e00-\u9fff][^\n{]*。$/u);
    return lines;
  }
  return [];
}

const key = "5x$2n(w9k@v!7q&t*z3r^m+p_d8f-j0h=s6g#)b4l1c%y#e";

it("a file that isn't there sets nothing", () => expect(readEnvFile(file)).toEqual({}));

describe("a # with no blank before it", () => {
  it.each([
    ["a key of Django's", `SECRET_KEY=${key}\nHOST=::1\n`, ["SECRET_KEY"]],
    ["with blanks around the value", `SECRET_KEY = ${key}  # of Django`, ["SECRET_KEY"]],
    ["exported", `export SECRET_KEY=${key}`, ["SECRET_KEY"]],
    ["with line ends of Windows", `HOST=::1\r\nSECRET_KEY=${key}\r\n`, ["SECRET_KEY"]],
    ["at the value's beginning", "SECRET_KEY=#)b4l1c%y", ["SECRET_KEY"]],
    [
      "in several values",
      "SMTP_URL=smtp://a:b#c@d\nA='x#y'\nPUBLIC_SITE_URL=http://x/#/\n",
      ["SMTP_URL", "PUBLIC_SITE_URL"],
    ],
  ])("%s, is refused without showing the value", (_, content, names) => {
    const lines = said(() => read(content));
    expect(lines.map((line) => line.split(" ")[0]).toSorted()).toEqual(names.toSorted());
    for (const line of lines) {
      expect(line).toContain("single quotes");
      expect(line).not.toMatch(/5x\$2n|b4l1c|smtp:|http:/);
    }
  });

  it.each(["'", '"', "`"])("is part of the value within %s", (quote) =>
    expect(read(`A=1\nSECRET_KEY=${quote}${key}${quote}#comment\nB=2`)).toEqual({
      A: "1",
      SECRET_KEY: key,
      B: "2",
    }),
  );

  it("may be in a comment, in a quoted value of several lines, and in the value that is not the last", () => {
    expect(
      read("# a#b=c#d\n  # e=f#g\n#h=i\nA=1 # see j#k\nB=2\t#x#y\nC='one\nD=2#3\n'\nE=4#5\nE=6\n"),
    ).toMatchObject({ A: "1", B: "2", C: "one\nD=2#3\n", E: "6" });
  });
});

describe("the encoding", () => {
  const content = "ENVIRONMENT=production\r\nEMAIL_FROM=美多商城<a@b.example>\r\nA=1\n";
  const values = { ENVIRONMENT: "production", EMAIL_FROM: "美多商城<a@b.example>", A: "1" };
  const utf16le = Buffer.from(`\ufeff${content}`, "utf16le");

  it.each([
    ["UTF-8", Buffer.from(content)],
    ["UTF-8 with a byte-order mark", Buffer.from(`\ufeff${content}`)],
    ["UTF-16LE, as PowerShell's > writes it", utf16le],
    ["UTF-16BE", Buffer.from(utf16le).swap16()],
  ])("%s is read whole", (_, bytes) => expect(read(bytes)).toEqual(values));

  it.each([
    ["GBK", Buffer.from("454d41494c5f46524f4d3dc3c0b6e0", "hex")],
    ["UTF-16 without a mark", Buffer.from("ENVIRONMENT=production", "utf16le")],
    ["half a character of UTF-16", utf16le.subarray(0, -1)],
    ["UTF-8 that UTF-16 was added to", Buffer.concat([Buffer.from("A=1\n"), utf16le])],
  ])("%s is refused in one sentence", (_, bytes) => {
    const lines = said(() => read(bytes));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\.env is not UTF-8 text/);
  });
});

it("a folder in its place is refused in one sentence", () => {
  mkdirSync(file);
  const lines = said(() => readEnvFile(file));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\.env is a folder/);
});
