import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { generateDocuments } from "../../../scripts/generate.ts";
import { documentsWithTarballs } from "../../../scripts/tarball-names.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const documents = await generateDocuments();

describe("generated documents are current (npm run generate)", () => {
  it.each([...documents.keys()])("%s", (path) => {
    expect(read(path)).toBe(documents.get(path));
  });

  const marked = read(".gitattributes")
    .split("\n")
    .filter((line) => line.endsWith(" linguist-generated"))
    .map((line) => line.split(" ")[0]!);

  /** Pages written by hand but for the READMEs' table of commands, and for the versions in the names of tarballs. */
  const partly = new Set(
    [...documentsWithTarballs(root, new Map()).keys()].filter((path) => !marked.includes(path)),
  );
  const whole = [...documents.keys()].filter((path) => !partly.has(path));

  it("marks every generated file, so that reviews fold it", () => {
    const files = [...whole, "package-lock.json", "bench/baseline.json", "bench/chart-sqlite.svg"];
    const patterns = marked.map(
      (path) => new RegExp(`^${path.replaceAll(".", "\\.").replace(/\*+/g, ".*")}$`),
    );
    expect(files.filter((file) => !patterns.some((pattern) => pattern.test(file)))).toEqual([]);
  });

  it("are all that are marked as generated in docs, deploy and the client, and parts of pages such as the READMEs", () => {
    const expected = marked.filter((path) => /^(?:docs|deploy|client)\//.test(path));
    expect(whole.toSorted()).toEqual(expected.toSorted());
    expect([...partly]).toEqual(expect.arrayContaining(["README.md", "README.zh.md"]));
  });

  it("the API's description has the version of every package", () => {
    const versionOf = (path: string) => JSON.parse(read(path)).version;
    const { info } = JSON.parse(documents.get("docs/openapi.json")!) as { info: { version: string } };
    for (const folder of [".", "server", "client", "web"])
      expect(versionOf(`${folder}/package.json`), folder).toBe(info.version);
  });

  it("the API's description names every public path once", () => {
    const { paths } = JSON.parse(documents.get("docs/openapi.json")!) as { paths: Record<string, object> };
    const names = Object.keys(paths);
    expect(names).toContain("/users/authorizations/");
    expect(names.filter((name) => name.startsWith("/sandbox"))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
