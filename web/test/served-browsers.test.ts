// @vitest-environment node
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSiteApart, siteDir } from "../../server/src/site/build-site.ts";
import { guardedUses, type YoungerApi, youngerApis } from "../served-browsers.ts";

/**
 * What the site and the client are made of in the end, read for what the oldest served browsers lack. A use is found
 * here also where no journey meets it.
 */
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const clientDir = mkdtempSync(join(tmpdir(), "meiduo-client-"));
let site: Built[] = [];
let client: Built[] = [];

interface Built {
  readonly file: string;
  readonly text: string;
}

function read(folder: string, ending: string): Built[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => ({ file, text: readFileSync(join(folder, file), "utf8") }));
}

/** The console's staff have newer browsers than its customers: web/console.config.ts names them. */
const isConsole = (file: string) => /(?:^|[/\\])console-[^/\\]*$/.test(file);
/** The captcha's frame has its own few lines. */
const isFrame = (file: string) => /(?:^|[/\\])captcha-style-[^/\\]*$/.test(file);
const styleFiles = () => read(siteDir, ".css").filter(({ file }) => !isConsole(file) && !isFrame(file));
let consoleFiles: Built[];

/** It builds the site, the console and the client: seconds, and more on a busy machine. */
const buildMillis = 120_000;
beforeAll(async () => {
  await buildSiteApart();
  const built = read(siteDir, ".js");
  site = built.filter(({ file }) => !isConsole(file));
  consoleFiles = built.filter(({ file }) => isConsole(file));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["-p", "tsconfig.build.json", "--outDir", clientDir, "--removeComments"];
  execFileSync(process.execPath, [tsc, ...options], { cwd: join(root, "client") });
  client = read(clientDir, ".js");
}, buildMillis);
afterAll(() => rmSync(clientDir, { recursive: true, force: true }));

const escaped = (path: string) => path.replace(/[.]/g, "\\.");

/** How a use looks: of a static function or a global by its name, of a method behind a dot. */
function useOf({ path, use }: (typeof youngerApis)[number]): RegExp {
  if (use) return use;
  const [owner = "", kind, name] = path.split(".");
  if (kind === "prototype") return new RegExp(`\\.${name}\\b`);
  return new RegExp(kind === undefined ? `(?<![\\w.$])${owner}\\b` : `\\b${escaped(path)}\\b`);
}

/** Each use as `file: path: the code around it`. */
function usesIn({ file, text }: Built, apis: readonly YoungerApi[] = youngerApis): string[] {
  const unguarded = guardedUses.reduce((rest, guarded) => rest.replace(guarded, ""), text);
  return apis.flatMap((api) => {
    const match = useOf(api).exec(unguarded);
    if (!match) return [];
    return `${file}: ${api.path}: ${unguarded.slice(Math.max(0, match.index - 30), match.index + 50)}`;
  });
}

describe("the built site and client", () => {
  it("are built for production, whatever NODE_ENV the build was asked for in", () => {
    expect(
      site.filter(({ text }) => text.includes("Custom Message Compiler")).map(({ file }) => file),
    ).toEqual([]);
  });

  it("use nothing younger than the oldest served browsers", () => {
    expect(site.length).toBeGreaterThan(5);
    expect(client.length).toBeGreaterThan(3);
    expect([...site, ...client].flatMap((file) => usesIn(file))).toEqual([]);
  });

  it("the console uses nothing younger than Chrome 87 and Safari 15.4", () => {
    expect(consoleFiles.length).toBeGreaterThan(0);
    const isYounger = ({ chrome, safari }: YoungerApi) =>
      chrome === null || chrome > 87 || safari === null || safari > 15.4;
    expect(consoleFiles.flatMap((file) => usesIn(file, youngerApis.filter(isYounger)))).toEqual([]);
  });

  it("would be found out", () => {
    const samples: Record<string, string> = {
      "URL.canParse": "if(!URL.canParse(e))",
      "AbortSignal.timeout": "{signal:AbortSignal.timeout(15e3)}",
      "Array.prototype.at": "let n=t.at(-1)",
      "HTMLElement.prototype.showPopover": "e.showPopover()",
      structuredClone: "let e=structuredClone(t)",
      reportError: "=>{reportError(e)",
      BroadcastChannel: "let a=new BroadcastChannel(`x`)",
      "Navigator.prototype.locks": "navigator.locks.request(`x`)",
    };
    for (const [path, text] of Object.entries(samples)) {
      expect(usesIn({ file: "x.js", text }).join(), path).toContain(path);
    }
  });

  it("are written in the syntax of ECMAScript 2021, which Chrome 85 and Safari 14 read whole", () => {
    for (const { text } of [...site, ...client]) {
      parse(text, { ecmaVersion: 2021, sourceType: "module" });
      // ES2018, and Safari's since 16.4: one in a literal, and the whole file is a syntax error.
      expect(text).not.toMatch(/\(\?<[=!]/);
    }
    expect(() => parse("await 0", { ecmaVersion: 2021, sourceType: "module" })).toThrow(SyntaxError);
    expect(() => parse("class A{a=1}", { ecmaVersion: 2021 })).toThrow(SyntaxError);
  });

  it("say so in any browser that can't run them: early.js is ECMAScript 5", () => {
    const early = site.find(({ file }) => file === "early.js");
    expect(early?.text).toContain("noModule");
    parse(early?.text ?? "", { ecmaVersion: 5 });
  });
});

describe("the styles", () => {
  // Chrome's and Safari's versions beside each.
  const younger: Readonly<Record<string, RegExp>> = {
    "light-dark(), 123 and 17.5": /\blight-dark\(/,
    "color-mix(), 111 and 16.2": /\bcolor-mix\(/,
    "relative colours, 119 and 16.4": /\b(?:rgb|hsl|oklch|lab)a?\(from /,
    "oklch(), 111 and 15.4": /\bokl(?:ch|ab)\(/,
    ":has(), 105 and 15.4": /:has\(/,
    ":is() and :where(), 88 and 14": /:(?:is|where)\(/,
    "@layer, 99 and 15.4": /@layer\b/,
    "@container, 105 and 16": /@container\b/,
    "@scope, 118 and 17.4": /@scope\b/,
    "@property, 85 and 16.4": /@property\b/,
    "nesting, 120 and 17.2": /&/,
    "ranges in @media, 104 and 16.4": /@media[^{]*[<>]/,
    "inset, 87 and 14.1": /[;{]inset(?:-[a-z-]+)?:/,
    "margin-block and padding-block, 87 and 14.1": /[;{](?:margin|padding)-(?:block|inline):/,
    "aspect-ratio, 88 and 15": /[;{]aspect-ratio:/,
    "translate, rotate, scale, 104 and 14.1": /[;{](?:translate|rotate|scale):/,
    "subgrid, 117 and 16": /\bsubgrid\b/,
    "dvh, 108 and 15.4": /\d[dsl]v[hw]\b/,
  };

  it("use nothing a page would be spoilt without", () => {
    const styles = styleFiles();
    expect(styles).toHaveLength(1);
    // Rules that are for those who know them.
    const text = (styles[0]?.text ?? "").replace(/@supports[^{]*\{(?:[^{}]*\{[^{}]*\})*\}/g, "");
    const found = Object.keys(younger).filter((name) => younger[name]?.test(text));
    expect(found).toEqual([]);
    expect(text).toMatch(/#app\{min-height:100vh[;}]/);
  });

  it("space what stands in a row by `gap` in grids alone: Safari has it in flex boxes since 14.1", () => {
    const rules = [...(styleFiles()[0]?.text ?? "").matchAll(/([^{}]+)\{([^{}]*)\}/g)];
    const crowded = rules.filter(
      ([, , body = ""]) =>
        /display:(?:inline-)?flex/.test(body) &&
        /(?<![\w-])(?:column-)?gap:/.test(body) &&
        // What is pushed to both ends has room without it.
        !body.includes("justify-content:space-between"),
    );
    expect(crowded.map(([, selector]) => selector)).toEqual([]);
  });
});
