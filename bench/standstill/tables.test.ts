import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { requestsOf } from "./requests.ts";
import { filled, filledElsewhere, small } from "./tables.ts";

const read = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), "utf8");

it("fills every table that grows", () => {
  const tables = [...read("schema.sql").matchAll(/create table "?(\w+)"?/gi)]
    .map(([, name = ""]) => name)
    .filter((name) => !name.startsWith("sqlite_"));
  const known = [...filled.map(({ table }) => table), ...filledElsewhere, ...small];
  expect(tables.filter((table) => !known.includes(table))).toEqual([]);
  expect(known.filter((table) => !tables.includes(table))).toEqual([]);
});

it("asks for every list of the administration", () => {
  const { paths } = JSON.parse(read("openapi.json")) as { paths: Record<string, object> };
  const lists = Object.entries(paths)
    .filter(([path, methods]) => path.startsWith("/admin/") && "get" in methods)
    .map(([path]) => path);
  const asked = requestsOf("token", 1).map(({ request }) => String(request.url).replace(/\?.*/, ""));
  const isAsked = (path: string) =>
    asked.some((url) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(url));
  // Settings are the program's that serves them, and lie in no table.
  expect(lists.filter((path) => !isAsked(path))).toEqual(["/admin/settings/"]);
});
