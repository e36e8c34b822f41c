import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

/** docs/adr/0011: a service is created, a row is added. */
const root = resolve(import.meta.dirname, "../..");

/** A method called `create`, its call, and a `createX` that takes part in somebody's transaction. */
const rowCreated =
  /(?<!\bObject)\.create\(|^\s*async create\w*\(|\bfunction create\(|\bcreate\w*\(\s*(?:transaction|actor)\b/gm;

const hits = (text: string) => [...text.matchAll(rowCreated)].map(([hit]) => hit.trim());

test("no row is created", () => {
  const files = globSync("server/src/**/*.ts", { cwd: root });
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((file) =>
    hits(readFileSync(resolve(root, file), "utf8")).map((hit) => `${file}: ${hit}`),
  );
  expect(found).toEqual([]);
});

test.each([
  "const made = await users.create(transaction, user);",
  "    async create(\n      transaction: Db,",
  "    async createPermission(\n      actor: Administrator,",
  "export async function createGroup(\n  transaction: Db,",
  "  async function create(transaction: Db) {",
])("sees one in %j", (text) => {
  expect(hits(text)).not.toEqual([]);
});

test("a service is", () => {
  expect(hits("const users = createUsers({ db });\nconst plain = Object.create(null);")).toEqual([]);
});
