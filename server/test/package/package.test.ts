import { globSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { decideInSandbox } from "../../../sandbox/decide.ts";
import { packageManifest } from "../../../scripts/package-manifest.ts";
import { commandNames } from "../../src/cli/commands.ts";
import { type EmptyFolder, emptyFolder } from "../support/empty-folder.ts";
import { freePort } from "../support/free-port.ts";
import { doMainJob } from "../support/main-job.ts";

/** The npm package as somebody has it who never saw the repository: an empty folder, an empty home, npm. */
let site: EmptyFolder;
beforeAll(async () => {
  site = emptyFolder();
  await site.install(inject("tarball"));
});
afterAll(() => site.remove());

const inPackage = (pattern: string) =>
  globSync(pattern, { cwd: join(site.path, "node_modules/meiduo-accounts") });

/** Scripts that browsers run: no modules. */
const ofPages = /\/(?:captcha-script|mailbox-page|page-state)\.js$/;

describe("what is installed", () => {
  it("is the packages that the server runs on, none of development, and no second Node", () => {
    const { packages } = JSON.parse(
      readFileSync(join(site.path, "node_modules/.package-lock.json"), "utf8"),
    ) as { packages: Record<string, { dev?: boolean; hasInstallScript?: boolean }> };
    const names = Object.keys(packages).map((path) => path.replace(/.*node_modules\//, ""));
    const { dependencies } = packageManifest() as { dependencies: object };
    expect(names).toEqual(expect.arrayContaining(["meiduo-accounts", ...Object.keys(dependencies)]));
    const tools = ["node", "vite", "vitest", "typescript", "@biomejs/biome", "playwright-core", "vue"];
    expect(names.filter((name) => tools.includes(name))).toEqual([]);
  });

  it("takes less than 120 MB", () => {
    const files = globSync("**/*", { cwd: join(site.path, "node_modules"), withFileTypes: true });
    const sizes = files.map((file) => lstatSync(join(file.parentPath, file.name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(120e6);
  });

  it("has each module as JavaScript with declarations and a source map, no TypeScript and no tests", () => {
    const modules = inPackage("dist/{server,sandbox}/**/*.js").filter((file) => !ofPages.test(file));
    const missing = modules.flatMap((file) =>
      [file.replace(/\.js$/, ".d.ts"), `${file}.map`].filter((one) => inPackage(one).length === 0),
    );
    expect([modules.length > 200, missing]).toEqual([true, []]);
    expect(inPackage("**/*.{ts,mts}").filter((file) => !/\.d\.m?ts$/.test(file))).toEqual([]);
    expect(inPackage("**/*.test.*")).toEqual([]);
    expect(
      inPackage("{bin/meiduo-accounts.mjs,dist/web/dist/index.html,LICENSE,README.md,README.zh.md}"),
    ).toHaveLength(5);
  });

  it("imports nothing that is not there", async () => {
    const { code, output } = await site.run(
      `node --input-type=module -e 'for (const file of process.argv.slice(1)) await import(file)' ${inPackage(
        "dist/{server/src,server/migrations,sandbox}/**/*.js",
      )
        .filter((file) => !ofPages.test(file) && !file.endsWith("src/main.js"))
        .map((file) => `./node_modules/meiduo-accounts/${file}`)
        .join(" ")}`,
    );
    expect([code, output]).toEqual([0, ""]);
  });
});

describe("npx meiduo-accounts", () => {
  it("explains itself as it is called here, without the tools of the repository", async () => {
    const { code, output } = await site.run("npx meiduo-accounts --help");
    expect([code, output]).toEqual([0, expect.stringContaining("npx meiduo-accounts <command> --help")]);
    for (const name of commandNames.filter((one) => ["start", "migrate", "user", "doctor"].includes(one)))
      expect(output).toMatch(new RegExp(`^  ${name} `, "m"));
    expect(output).not.toMatch(/npm run|^ {2}(?:soak|bench|pack) /m);
    const help = await site.run("npx meiduo-accounts user --help");
    expect(help.output).toContain("  npx meiduo-accounts user show <account> [--json]\n");
  });

  it("names the next command as it is called here where one is refused", async () => {
    const { code, output } = await site.run("npx meiduo-accounts soak");
    expect([code, output]).toEqual([1, expect.stringMatching(/^soak is a tool of development/)]);
  });

  it("start does the main job, with its data in ./data, and ends in order", async () => {
    const [port, webPort] = [await freePort(), await freePort()];
    const api = `http://127.0.0.1:${port}`;
    const started = await site.start("node_modules/.bin/meiduo-accounts start", "is ready", {
      ...{ API_PORT: String(port), WEB_PORT: String(webPort) },
    });
    expect(started.output()).not.toMatch(/Warning|supervisor/);
    await doMainJob(api, "python01");
    const page = await fetch(`http://127.0.0.1:${webPort}/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<script")]);
    expect((await fetch(`${api}/sandbox/mailbox/`)).status).toBe(200);
    expect((await fetch(`${api}/docs/json`)).status).toBe(200);
    const { login_url } = (await (await fetch(`${api}/oauth/github/authorization/?next=/`)).json()) as {
      login_url: string;
    };
    const { answer } = await decideInSandbox(login_url, { person: "penguin", decision: "allow" });
    expect(answer.headers.get("location")).toMatch(/code=.+&state=|state=.+&code=/);
    expect(await started.stop()).toBe(0);
    expect(globSync("data/*", { cwd: site.path })).toEqual(
      expect.arrayContaining([join("data", "meiduo.sqlite3"), join("data", "secret-key")]),
    );
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "start ends where npx alone gets %s, and said what a supervisor starts",
    async (signal) => {
      const [port, webPort] = [await freePort(), await freePort()];
      const started = await site.start("npx meiduo-accounts start", "is ready", {
        ...{ API_PORT: String(port), WEB_PORT: String(webPort) },
      });
      expect(started.output()).toMatch(/A supervisor starts node_modules\/\.bin\/meiduo-accounts itself/);
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
      await started.stop(signal);
      await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
      // Closed in order: SQLite has put its log away.
      expect(globSync("data/*-wal", { cwd: site.path })).toEqual([]);
    },
  );

  it("serves with several API processes, which run the package's own files", async () => {
    const port = String(await freePort());
    const started = await site.start("node_modules/.bin/meiduo-accounts serve", "is ready", {
      ...{ API_PORT: port, WEB_CONCURRENCY: "2" },
    });
    expect((await fetch(`http://127.0.0.1:${port}/usernames/python01/count/`)).status).toBe(200);
    expect(await started.stop()).toBe(0);
  });

  it("manages what start has made", async () => {
    const { code, output } = await site.run("npx meiduo-accounts user show python01 --json");
    expect([code, JSON.parse(output)]).toMatchObject([0, { username: "python01" }]);
    const migrated = await site.run("npx meiduo-accounts migrate --json");
    expect(migrated.output).toContain('{"applied":[]}');
  });
});

describe("importing it", () => {
  it("has the public names and nothing beside them", async () => {
    const { output } = await site.run(
      `node --input-type=module -e 'import * as all from "meiduo-accounts"; import * as testing from "meiduo-accounts/testing"; console.log(typeof all.createApp, typeof all.loadConfig, typeof all.defineProvider, Object.keys(testing))'`,
    );
    expect(output).toBe("function function function [ 'startTestServer' ]\n");
    const deep = await site.run(
      `node --input-type=module -e 'await import("meiduo-accounts/dist/server/src/app/app.js")'`,
    );
    expect([deep.code, deep.output]).toEqual([1, expect.stringContaining("ERR_PACKAGE_PATH_NOT_EXPORTED")]);
  });
});
