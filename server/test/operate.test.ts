import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readInput } from "../src/cli/command/read-input.ts";
import { findCommand } from "../src/cli/commands.ts";
import { createMetrics } from "../src/observability/metrics.ts";

/** docs/operate.md and the alerts it explains: every command can be typed, every metric and every answer exists. */
const root = resolve(import.meta.dirname, "../..");
const pages = ["docs/operate.md", "docs/operate.zh.md"] as const;
const read = (path: string) => readFileSync(join(root, path), "utf8");
const blocksOf = (text: string) => [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines!);
const english = read(pages[0]);
const blocks = blocksOf(english);
const lines = blocks.flatMap((block) => block.trim().split("\n"));

test("both pages have the same commands and the same alerts", () => {
  expect(blocks.length).toBeGreaterThan(10);
  expect(blocksOf(read(pages[1]))).toEqual(blocks);
  const alertsOf = (page: string) => [...read(page).matchAll(/^### (Meiduo\w+)$/gm)].map(([, name]) => name);
  expect(alertsOf(pages[1])).toEqual(alertsOf(pages[0]));
});

test.each(lines)("%s", async (line) => {
  const [, command] = /^sudo meiduo-accounts (.+)$/.exec(line) ?? [];
  if (command === undefined) {
    // What the machine has, not the product.
    expect(line).toMatch(/^(sudo (install|systemctl (stop|start)|find) |pg_dump )/);
    return;
  }
  const [name = "", ...args] = command
    .replaceAll(/"([^"]*)"/g, (_, text: string) => text.replaceAll(" ", "_"))
    .split(" ");
  const found = await findCommand(name);
  expect(found, name).not.toBeNull();
  // Throws where it is typed otherwise than the table has it.
  readInput(found!, args);
});

test.each(pages)("%s names everything that is made with SECRET_KEY", (page) => {
  const sources = readdirSync(join(root, "server/src"), { recursive: true, encoding: "utf8" });
  const labels = sources
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .flatMap((file) => [...read(join("server/src", file)).matchAll(/\bderiveKeys?\([^"()]+, "([^"]+)"\)/g)])
    .map(([, label]) => label!);
  expect(labels.length).toBeGreaterThan(12);
  const text = read(page);
  expect(labels.filter((label) => !text.includes(`\`${label}\``))).toEqual([]);
});

test.each(pages)("%s leads to headings and files that are there", (page) => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
  const headings = (text: string) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slug(heading!));
  const links = [...read(page).matchAll(/\]\(([^)#]*)(?:#([^)]+))?\)/g)];
  expect(links.length).toBeGreaterThan(5);
  for (const [, file, anchor] of links) {
    const target = file === "" ? page : `docs/${file}`;
    expect(existsSync(join(root, target)), target).toBe(true);
    if (anchor !== undefined) expect(headings(read(target)), `${target}#${anchor}`).toContain(anchor);
  }
});

describe("deploy/prometheus/rules.yaml", () => {
  const { groups } = parse(read("deploy/prometheus/rules.yaml")) as {
    groups: {
      rules: { alert: string; expr: string; annotations: { summary: string; runbook: string } }[];
    }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  const { registry, observe } = createMetrics();
  observe({
    api: { addHook: () => undefined } as never,
    db: { stats: () => ({ open: 0, idle: 0, waiting: 0 }) } as never,
    jobs: { counts: async () => ({ waiting: 0, running: 0, done: 0, dead: 0 }) } as never,
    logIns: () => ({ byWay: { password: 0 }, refused: 0, throttled: 0 }),
    hashing: () => ({ running: 0, waiting: 0, refused: 0, finished: 0 }),
    load: () => ({ held: 0, refused: 0 }),
    events: () => ({ "user.created": 0 }),
    webhooks: () => ({ delivered: 0, retried: 0, failed: 0 }),
    webhookEndpoints: async () => ({ on: 0, off: 0, gone: 0, failing: 0 }),
  });

  test.each(rules)("$alert asks for metrics, labels and states that exist", async ({ expr }) => {
    const shown = await registry.metrics();
    const asked = [...expr.matchAll(/\b([a-z]\w*_\w+)(?:\{([^}]*)\})?/g)].filter(([, name]) =>
      /^(meiduo|process|nodejs)_/.test(name!),
    );
    expect(asked.length > 0 || expr.startsWith('up{job="meiduo-accounts"}')).toBe(true);
    for (const [, name, labels = ""] of asked) {
      const metric = registry.getSingleMetric(name!.replace(/_(bucket|sum|count)$/, "")) as
        | { labelNames?: readonly string[] }
        | undefined;
      expect(metric, name).toBeDefined();
      for (const [, label, value] of labels.matchAll(/(\w+)=~?"([^"]*)"/g)) {
        // Prometheus' own: the name of the scrape job.
        if (label === "job" && name!.startsWith("process_")) continue;
        expect(metric!.labelNames, `${name} ${label}`).toContain(label);
        if (label !== "state") continue;
        for (const one of value!.split("|")) expect(shown).toContain(`${name}{state="${one}"}`);
      }
    }
  });

  test("each has its answer in both pages, and says what it is in both languages", () => {
    expect(rules.length).toBeGreaterThan(5);
    for (const { alert, annotations } of rules) {
      expect(annotations.runbook).toBe(`docs/operate.md#${alert.toLowerCase()}`);
      for (const page of pages) expect(read(page)).toContain(`### ${alert}\n`);
      expect(annotations.summary).toMatch(/[a-z].*\p{Script=Han}/u);
    }
    const explained = [...english.matchAll(/^### (Meiduo\w+)$/gm)].map(([, name]) => name);
    expect(explained).toEqual(rules.map(({ alert }) => alert));
  });
});

describe("the blocks of “Back up” and “Restore”, run", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "meiduo-operate-"));
    for (const name of ["bin", "var/backups"]) mkdirSync(join(folder, name), { recursive: true });
    const script = (name: string, body: string) =>
      writeFileSync(join(folder, "bin", name), `#!/bin/sh\nset -e\n${body}\n`, { mode: 0o755 });
    script("sudo", 'exec "$@"');
    script("systemctl", `echo "systemctl $*" >> ${folder}/notes`);
    script("install", 'for last; do :; done; mkdir -p "$last"');
    script("meiduo-accounts", `exec ${process.execPath} ${join(root, "server/src/main.ts")} "$@"`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(block: string) {
    const { PATH } = process.env;
    const { status, stderr } = spawnSync("sh", ["-euc", block.replaceAll("/var/", `${folder}/var/`)], {
      env: {
        ...{ PATH: `${folder}/bin:${PATH}`, DATA_DIR: join(folder, "data") },
        ...{ SECRET_KEY: "operate-tests-secret-key-0123456789abcdefghijkl", LOG_LEVEL: "error" },
      },
      encoding: "utf8",
    });
    expect([status, stderr.replaceAll(/^(copy|compare|Database) .*\n/gm, "")]).toEqual([0, ""]);
  }

  test("a backup is made, checked and restored as the page says", () => {
    run("meiduo-accounts migrate");
    run("meiduo-accounts user create zhangsan --email zhangsan@example.com --no-password");
    const [backUp, nightly, restore, after] = [
      "backup /var/backups/meiduo-accounts/today.sqlite3\n",
      "date +%F",
      "restore /var",
      "restore --after",
    ].map((part) => blocks.find((block) => block.includes(part))!);
    run(backUp!);
    run(nightly!);
    expect(readdirSync(join(folder, "var/backups/meiduo-accounts")).toSorted()).toEqual([
      expect.stringMatching(/^\d{4}-\d{2}-\d{2}\.sqlite3$/),
      "today.sqlite3",
    ]);
    run("meiduo-accounts user deactivate zhangsan");
    run(restore!);
    run(after!);
    run("meiduo-accounts user show zhangsan --json | grep -q '\"is_active\":true'");
    const stopAndStart = ["stop", "start"].map(
      (verb) => `systemctl ${verb} meiduo-accounts-web meiduo-accounts-work`,
    );
    expect(readFileSync(join(folder, "notes"), "utf8").trim().split("\n")).toEqual([
      ...stopAndStart,
      ...stopAndStart,
    ]);
  });
});

/** SECRET_KEY: what is made with it, and where, is in both pages; so a new use can't be forgotten when the key is replaced. */
describe("every use of SECRET_KEY has its row", () => {
  const sources = ["server/src", "scripts"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => ({ name: file.split("/").at(-1)!, text: uncommented(read(join(folder, file))) })),
  );
  const tables = pages.map(
    (page) => /^### SECRET_KEY$[\s\S]*?(^\|.*\n)+/m.exec(read(page))?.[0].replace(/^[^|].*\n/gm, "") ?? "",
  );
  const named = (table: string, form: RegExp) =>
    [...new Set([...table.matchAll(form)].map(([, name]) => name!))].sort();

  test("by the labels of derived keys", () => {
    const labels = sources.flatMap(({ text }) =>
      [...text.matchAll(/\bderiveKeys?\(\s*[\w.]+,\s*"([^"]+)"/g)].map(([, label]) => label!),
    );
    const calls = sources.flatMap(({ text }) => [...text.matchAll(/(?<!function )\bderiveKeys?\(/g)]);
    // One that derives by another's label, in keys.ts itself.
    expect(labels.length).toBe(calls.length - 2);
    for (const table of tables) {
      const rows = table
        .split("\n")
        .map((row) => row.split("|")[1] ?? "")
        .join("\n");
      expect(named(rows, /`([a-z -]+)`/g).filter((one) => one !== "npm run seed")).toEqual(
        [...new Set(labels)].sort(),
      );
    }
  });

  test("by file: the others only hand it on", () => {
    const crypto = /\b(?:createHmac|createSecretKey|createCipheriv|hkdfSync|hmac|deriveKeys?|Buffer\.from)\(/;
    const uses = sources
      .filter(({ text }) => /\bsecretKeys?\b/.test(text) && crypto.test(text))
      .map(({ name }) => name)
      .filter((name) => name !== "keys.ts");
    expect(uses.length).toBeGreaterThan(10);
    for (const table of tables) expect(named(table, /`([\w-]+\.ts)`/g)).toEqual([...new Set(uses)].sort());
  });
});

function uncommented(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}
