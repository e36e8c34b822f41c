import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { generateDocuments } from "../../../scripts/generate.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

describe("generated documents are current (npm run generate)", () => {
  let documents: Map<string, string>;
  beforeAll(async () => {
    documents = await generateDocuments();
  });

  it.each([
    "docs/errors.md",
    "docs/configuration.md",
    "docs/providers.md",
    "docs/providers.zh.md",
    "docs/schema.sql",
    "docs/openapi.json",
    "client/src/schema.d.ts",
    "README.md",
    "README.zh.md",
  ])("%s", (path) => {
    expect(readFileSync(join(root, path), "utf8")).toBe(documents.get(path));
  });

  it("the API's description has the version of every package", () => {
    const versionOf = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8")).version;
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
