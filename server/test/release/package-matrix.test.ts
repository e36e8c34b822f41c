import { renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type EmptyFolder, emptyFolder } from "../support/empty-folder.ts";
import { freePort } from "../support/free-port.ts";
import { doMainJob } from "../support/main-job.ts";

/**
 * The npm package under each Node that it may meet, from npm's own packages of Node: JavaScript without a build, a suite,
 * the command; too old a Node; strict TypeScript. `npm test` tries the rest under the Node of package-lock.json.
 */
const examples = resolve(import.meta.dirname, "../../../examples");
const limit = 10 * 60_000;
const [platform, arch] = [process.platform, process.arch];
let nodes: EmptyFolder;
const others: EmptyFolder[] = [];
const nodeFolder = (version: number) => join(nodes.path, "node_modules", `node${version}`, "bin");

beforeAll(async () => {
  nodes = emptyFolder();
  const packages = [20, 22, 24, 26].map(
    (version) => `node${version}@npm:node-${platform}-${arch}@${version}`,
  );
  await nodes.install(...packages);
}, limit);
afterAll(async () => {
  for (const folder of [...others, nodes]) await folder.remove();
}, limit);

async function folderWith(version: number, filledFrom?: string): Promise<EmptyFolder> {
  const folder = emptyFolder({ nodeFolder: nodeFolder(version), ...(filledFrom && { filledFrom }) });
  others.push(folder);
  expect((await folder.run("node --version")).output).toMatch(new RegExp(`^v${version}\\.`));
  await folder.install(inject("tarball"));
  return folder;
}

describe.each([24, 26])("Node %s", (version) => {
  test("npx meiduo-accounts start does the main job", { timeout: limit }, async () => {
    const folder = await folderWith(version);
    const [port, webPort] = [await freePort(), await freePort()];
    const ports = { API_PORT: String(port), WEB_PORT: String(webPort) };
    const started = await folder.start("npx meiduo-accounts start", "is ready", ports);
    await doMainJob(`http://127.0.0.1:${port}`, "python01");
    expect(started.output()).not.toMatch(/Warning/);
  });

  test("plain JavaScript embeds it without a build", { timeout: limit }, async () => {
    const folder = await folderWith(version, join(examples, "embedded-fastify"));
    const port = await freePort();
    const started = await folder.start("node server.js", "The shop is ready", { API_PORT: String(port) });
    await doMainJob(`http://127.0.0.1:${port}`, "python01");
    expect(await started.stop()).toBe(0);
  });

  test("a suite of node:test starts it", { timeout: limit }, async () => {
    const folder = await folderWith(version, join(examples, "own-tests"));
    const { code, output } = await folder.run("npm test");
    expect([code, output]).toEqual([0, expect.stringMatching(/fail 0/)]);
  });
});

test.each([20, 22])("Node %s gets one sentence that says what to do", { timeout: limit }, async (version) => {
  const folder = await folderWith(version);
  const { code, output } = await folder.run("npx meiduo-accounts start");
  expect([code, output]).toEqual([
    1,
    expect.stringMatching(/^[^\n]+ Node\.js 24 [^\n]+install[^\n]+请安装[^\n]+\n$/),
  ]);
});

test("strict TypeScript takes its declarations, without skipLibCheck", { timeout: limit }, async () => {
  const folder = await folderWith(26, resolve(import.meta.dirname, "../fixtures/strict-program"));
  renameSync(join(folder.path, "program.ts.txt"), join(folder.path, "program.ts"));
  await folder.install("typescript@5.9", "@types/node@26");
  const { code, output } = await folder.run("npx tsc -p .");
  expect([code, output]).toEqual([0, ""]);
});
