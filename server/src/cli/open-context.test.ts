import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fakeClock } from "../../test/support/fake-clock.ts";
import { saidTerminal, unstopped } from "../../test/support/said-terminal.ts";
import type { ConfigContext } from "./command/contexts.ts";
import { completeConfig, loadConfig } from "./command-config.ts";
import { openContext } from "./open-context.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-open-context-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function openConfig(environment: Record<string, string> = {}): Promise<ConfigContext> {
  const openers = {
    ...{ loadConfig, completeConfig },
    openDatabase: () => {
      throw new Error("a database");
    },
  };
  const source = { DATA_DIR: join(folder, "data"), ...environment };
  const shell = { source, terminal: saidTerminal("en"), clock: fakeClock(), path: String, host: unstopped };
  const { context } = await openContext({ needs: "config" }, shell, openers);
  return context as ConfigContext;
}

it("runs with the settings that were looked at, also where ports had to be found", async () => {
  const { completeConfig: complete } = await openConfig({ API_PORT: "0", WEB_PORT: "0" });
  const { secretKey: lookedKey, ...looked } = complete("look");
  const { secretKey: madeKey, ...made } = complete("make");
  expect(looked.apiPort).toBeGreaterThan(0);
  expect(looked.publicApiUrl).toContain(`:${looked.apiPort}`);
  expect(made).toEqual(looked);
  // Nothing was made by looking, so that there was no key to find.
  expect(madeKey).not.toBe(lookedKey);
});

it("makes nothing while it looks, then the folder and the key, which the next look finds", async () => {
  const { completeConfig: complete } = await openConfig();
  expect(complete("look").secretKey.length).toBeGreaterThanOrEqual(32);
  expect(existsSync(join(folder, "data"))).toBe(false);
  const { secretKey } = complete("make");
  expect(readFileSync(join(folder, "data/secret-key"), "utf8").trim()).toBe(secretKey);
  expect(statSync(join(folder, "data")).mode & 0o777).toBe(0o700);
  expect(complete("look").secretKey).toBe(secretKey);
  expect((await openConfig()).completeConfig("make").secretKey).toBe(secretKey);
});

it("keeps a key that was set", async () => {
  const { completeConfig: complete } = await openConfig({ SECRET_KEY: "s".repeat(40) });
  expect([complete("look").secretKey, complete("make").secretKey]).toEqual(["s".repeat(40), "s".repeat(40)]);
  expect(existsSync(join(folder, "data/secret-key"))).toBe(false);
});
