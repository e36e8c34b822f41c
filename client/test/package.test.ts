import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderWithClient, lendPackages, packClient } from "./support/packed-client.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const tsc = join(root, "node_modules/typescript/bin/tsc");
const entries = ["client", "session", "vue", "react", "wx"];

let tarball: string;
let folder: string;
beforeAll(() => {
  tarball = packClient();
  folder = folderWithClient(tarball);
  lendPackages(folder, [
    "vue",
    "react",
    "@types/react",
    "csstype",
    "miniprogram-api-typings",
    "@dcloudio/types",
  ]);
});
afterAll(() => {
  for (const place of [dirname(tarball), folder]) rmSync(place, { recursive: true, force: true });
});

const installed = (...names: string[]) => join(folder, "node_modules/@meiduo/client", ...names);

function put(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** What the compiler says of these files of an adopter, and without `--skipLibCheck` of the package's declarations. */
function typeCheck(options: readonly string[], files: Readonly<Record<string, string>>): string[] {
  const written = Object.entries(files).map(([name, text]) => put(name, text));
  try {
    const strict = ["--noEmit", "--strict", "--target", "es2022", "--pretty", "false"];
    execFileSync(process.execPath, [tsc, ...strict, ...options, ...written], {
      cwd: folder,
      encoding: "utf8",
    });
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.split("\n").filter((line) => /^\S/.test(line));
  }
}

/** As Vite builds it for a page; `imports` are what it leaves to others. */
async function bundle(text: string): Promise<{ code: string; imports: readonly string[] }> {
  const input = put("page/main.js", text);
  const made = await build({
    root: join(folder, "page"),
    logLevel: "error",
    configFile: false,
    build: {
      write: false,
      modulePreload: false,
      rollupOptions: { input, external: ["vue", "react"], preserveEntrySignatures: "strict" },
    },
  });
  if (!("output" in made)) throw new Error("one page was to be built");
  return made.output[0];
}

const program = `
import { ApiError, createClient, type CurrentUser } from "@meiduo/client";
import { createSession, nextPath } from "@meiduo/client/session";
import { miniProgram } from "@meiduo/client/wx";
import { guardRoutes, sessionPlugin, useUser } from "@meiduo/client/vue";
import { RequireUser, useUser as useReactUser } from "@meiduo/client/react";
const api = createClient({ baseUrl: "http://127.0.0.1:8000", fetch, token: () => null });
export const me: Promise<CurrentUser> = api.currentUser({ signal: new AbortController().signal });
const session = createSession({ baseUrl: "http://127.0.0.1:8000" });
export const all = [ApiError, nextPath, miniProgram, guardRoutes, sessionPlugin, useUser, RequireUser, useReactUser];
export const wrong: string = session.state().status;
`;

describe("the packed client", () => {
  it("has what its entries name, its licence, and no tests", () => {
    const files = readdirSync(installed(), { recursive: true, encoding: "utf8" });
    for (const entry of entries) {
      expect(files).toEqual(expect.arrayContaining([`dist/${entry}.js`, `dist/${entry}.d.ts`]));
    }
    expect(files).toEqual(
      expect.arrayContaining(["LICENSE", "README.md", "README.zh.md", "dist/schema.d.ts"]),
    );
    expect(files.filter((file) => /test|^src/.test(file))).toEqual([]);
    expect(
      readdirSync(join(folder, "node_modules")).filter((name) => name.startsWith("@meiduo")),
    ).toHaveLength(1);
  });

  it("has no dependency, and each entry is a few kilobytes, with all that it loads", async () => {
    const { dependencies } = JSON.parse(readFileSync(installed("package.json"), "utf8"));
    expect(dependencies).toBeUndefined();
    const most = { client: 6.5, session: 8, vue: 1, react: 1, wx: 2 };
    for (const [entry, kilobytes] of Object.entries(most)) {
      const name = entry === "client" ? "@meiduo/client" : `@meiduo/client/${entry}`;
      const { code, imports } = await bundle(`export * from "${name}";`);
      expect(imports.filter((one) => one !== entry)).toEqual([]);
      const size = gzipSync(code, { level: 9 }).length;
      process.stdout.write(`${name}, minified, gzip: ${size} B\n`);
      expect(size, name).toBeLessThan(kilobytes * 1024);
    }
  });

  it("is imported and required by plain Node", () => {
    const use = `
      const nowhere = createClient({ baseUrl: "http://127.0.0.1:1", retries: 0 });
      nowhere.checkConnection().catch((error) => console.log(error instanceof ApiError, error.code));
      const session = createSession({ baseUrl: "http://127.0.0.1:1" });
      console.log(session.state().status);`;
    const names = [
      ["{ createClient, ApiError }", ""],
      ["{ createSession }", "/session"],
      ["{ miniProgram }", "/wx"],
    ];
    const esm = names.map(([name, path]) => `import ${name} from "@meiduo/client${path}";`).join("\n");
    const cjs = names.map(([name, path]) => `const ${name} = require("@meiduo/client${path}");`).join("\n");
    for (const file of [put("use.mjs", esm + use), put("use.cjs", cjs + use)]) {
      // Node has no localStorage without a file for it: what it warns of is its own.
      const output = execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
      expect(output, file).toBe("out\ntrue network\n");
    }
  });

  it.each([
    ["bundlers", ["--module", "esnext", "--moduleResolution", "bundler"]],
    ["Node", ["--module", "nodenext", "--moduleResolution", "nodenext"]],
    [
      "older resolvers",
      ["--module", "commonjs", "--moduleResolution", "node10", "--ignoreDeprecations", "5.0"],
    ],
  ])("has types for strict TypeScript, as resolved by %s", (_, options) => {
    const wrong = program.replace("string = session", "number = session");
    const judged = [...options, "--lib", "es2022,dom", "--skipLibCheck"];
    expect(typeCheck(judged, { "program.ts": program, "wrong.ts": wrong })).toEqual([
      expect.stringMatching(/^wrong\.ts.*not assignable to type 'number'/),
    ]);
  });

  it("has types that need no browser's", () => {
    const text = `
import { ApiError, createClient } from "@meiduo/client";
import { createSession, type SessionStore } from "@meiduo/client/session";
import { type MiniProgram, miniProgram } from "@meiduo/client/wx";
export const all = [ApiError, createClient, createSession, miniProgram];
export type Needed = SessionStore | MiniProgram;
`;
    const options = [
      "--module",
      "esnext",
      "--moduleResolution",
      "bundler",
      "--lib",
      "es2020",
      "--types",
      "none",
    ];
    put("node_modules/@types/none/index.d.ts", "");
    expect(typeCheck(options, { "plain.ts": text })).toEqual([]);
  });

  it.each([
    ["WeChat's types", "miniprogram-api-typings", "wx"],
    ["uni-app's types", "@dcloudio/types", "uni"],
  ])("takes a mini program's calls, by %s", (_, types, platform) => {
    const text = `
import { createSession } from "@meiduo/client/session";
import { miniProgram } from "@meiduo/client/wx";
export const session = createSession({ baseUrl: "https://api.example.com", ...miniProgram(${platform}) });
`;
    const wrong = text.replace(`miniProgram(${platform})`, "miniProgram({})");
    const options = [
      "--module",
      "esnext",
      "--moduleResolution",
      "bundler",
      "--lib",
      "es2020",
      "--skipLibCheck",
    ];
    expect(typeCheck([...options, "--types", types], { "mini.ts": text, "wrong.ts": wrong })).toEqual([
      expect.stringMatching(/^wrong\.ts.*not assignable to parameter of type 'MiniProgram'/),
    ]);
  });

  it("is bundled for a browser, and leaves out what the page doesn't use", async () => {
    const page = `import { createClient } from "@meiduo/client";
      createClient({ baseUrl: "/" }).checkConnection();`;
    const { code } = await bundle(page);
    expect(code).toContain("/verifications/email_codes/");
    expect(code).not.toContain("meiduo.session");
  });
});
