import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { actionsZh } from "../src/console/texts/actions-zh.ts";
import { mailKindsZh } from "../src/console/texts/mail-kinds-zh.ts";

/** What the server records and sends has words in the console; texts/*-en.ts have to have the same by their type. */
const server = join(import.meta.dirname, "../../server/src");
const sources = readdirSync(server, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .map((path) => readFileSync(join(server, path), "utf8"));

it("has words for every action of the audit log", () => {
  const recorded = new Set(
    sources.flatMap((text) => [...text.matchAll(/\baction: "([\w-]+\.[\w-]+)"/g)].map(([, name]) => name!)),
  );
  expect(recorded.size).toBeGreaterThan(50);
  expect([...recorded].filter((name) => !(name in actionsZh))).toEqual([]);
});

it("has words for every mail", () => {
  const text = readFileSync(join(server, "words/mail-templates.ts"), "utf8");
  const table = /templateValues = \{(.+?)\n\} as const/s.exec(text)![1]!;
  const kinds = [...table.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name!);
  expect(kinds.length).toBeGreaterThan(40);
  expect(kinds.filter((name) => !(name in mailKindsZh))).toEqual([]);
});
