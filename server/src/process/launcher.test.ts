import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

/** A program below the real npm and its real shell, as `npx meiduo-accounts start` and `npm start` are. */
const folder = mkdtempSync(join(tmpdir(), "meiduo-launcher-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = `
import { onLauncherLost } from ${JSON.stringify(new URL("launcher.mjs", import.meta.url).href)};
const end = (why) => { console.log(why); process.exit(); };
onLauncherLost(process.env, () => end("lost"));
setTimeout(() => end("outlived"), Number(process.argv[2]));
console.log("up");
`;
writeFileSync(join(folder, "meiduo-accounts.mjs"), program);
writeFileSync(join(folder, "other.mjs"), program);
const line = (file: string, millis: number) => `"${process.execPath}" ${file} ${millis}`;
const scripts = {
  stays: line("./meiduo-accounts.mjs", 60_000),
  noisy: `${line("./meiduo-accounts.mjs", 60_000)} 2>&1`,
  // Several times as long as it takes to notice.
  background: `${line("./meiduo-accounts.mjs", 3000)} &`,
  other: line("./other.mjs", 3000),
};
writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", scripts }));

function underNpm(script: string): { child: ChildProcess; up: Promise<unknown>; said: Promise<string> } {
  const { MEIDUO_CALLED_FROM: _, ...env } = process.env;
  const child = spawn("npm", ["run", "--silent", script], {
    ...{ cwd: folder, env: { ...env, HOME: folder }, stdio: ["ignore", "pipe", "inherit"] },
  });
  let output = "";
  child.stdout!.on("data", (chunk) => (output += chunk));
  const up = new Promise((resolve) => child.stdout!.once("data", resolve));
  // Closed by the last process that could still write, not by npm's own end.
  const said = new Promise<string>((resolve) => child.once("close", () => resolve(output)));
  return { child, up, said };
}

describe("a program below npm and its shell", () => {
  it.each([
    ["stays", "SIGTERM"],
    ["noisy", "SIGTERM"],
    ["stays", "SIGKILL"],
    ["stays", "SIGHUP"],
  ] as const)("(%s) ends where npm alone gets %s", async (script, signal) => {
    const { child, up, said } = underNpm(script);
    await up;
    child.kill(signal);
    expect(await said).toBe("up\nlost\n");
  });

  it("stays where its script puts it into the background", async () => {
    expect(await underNpm("background").said).toBe("up\noutlived\n");
  });

  it("is left alone where npm runs something else that started it", async () => {
    const { child, up, said } = underNpm("other");
    await up;
    child.kill("SIGTERM");
    expect(await said).toBe("up\noutlived\n");
  });
});
