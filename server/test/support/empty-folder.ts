import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { inject } from "vitest";
import { bareEnvironment } from "./false-clock.ts";
import { networkSettings } from "./npm-network.ts";
import { hasEnded, killTree, waitUntil } from "./product-process.ts";

/**
 * A folder of somebody who has nothing of ours yet, with an empty home beside it. The Node that runs there is that of
 * the test, or the one in a given folder.
 */
export interface EmptyFolder {
  readonly path: string;
  /** Runs a command line to its end. */
  run(line: string, env?: Record<string, string>): Promise<{ code: number | null; output: string }>;
  /** Installs by npm. Throws with npm's words where that fails. */
  install(...packages: string[]): Promise<void>;
  /** Starts a command line and resolves once it said `until`. */
  start(line: string, until: string, env?: Record<string, string>): Promise<Started>;
  /** Ends what runs and removes all of it. */
  remove(): Promise<void>;
}

export interface Started {
  output(): string;
  /**
   * A signal to the command itself. Resolves with its exit code, null where the signal ended it, once nothing of what it
   * started is left that could still write.
   */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** The product gives what is in hand 17 s, and goes. */
const stopLimitSeconds = 40;

export interface EmptyFolderOptions {
  /** A folder whose files are there from the start. */
  readonly filledFrom?: string;
  /** Where `node` is. */
  readonly nodeFolder?: string;
}

export function emptyFolder({ filledFrom, nodeFolder }: EmptyFolderOptions = {}): EmptyFolder {
  const root = mkdtempSync(join(tmpdir(), "meiduo-adopter-"));
  const [path, home] = [join(root, "site"), join(root, "home")];
  for (const folder of [path, home]) mkdirSync(folder);
  if (filledFrom !== undefined) cpSync(filledFrom, path, { recursive: true });
  else writeFileSync(join(path, "package.json"), '{ "private": true, "type": "module" }\n');
  const { PATH = "", ...bare } = bareEnvironment();
  const environment = {
    ...{ ...bare, ...networkSettings(), HOME: home, LANG: "C.UTF-8" },
    ...{ npm_config_cache: inject("npmCache"), npm_config_prefer_offline: "true" },
    PATH: [nodeFolder ?? dirname(process.execPath), PATH].join(delimiter),
  };
  const running = new Map<ChildProcess, Promise<number | null>>();
  const begin = (line: string, env: Record<string, string>) => {
    const child = spawn("sh", ["-c", line], {
      ...{ cwd: path, env: { ...environment, ...env } },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    const gone = new Promise<number | null>((resolve) => child.once("close", resolve));
    running.set(child, gone);
    return { child, gone, output: () => output };
  };
  const folder: EmptyFolder = {
    path,
    async run(line, env = {}) {
      const { gone, output } = begin(line, env);
      return { code: await gone, output: output() };
    },
    async install(...packages) {
      const { code, output } = await folder.run(
        `npm install --no-audit --no-fund --loglevel=error ${packages.join(" ")}`,
      );
      if (code !== 0) throw new Error(`npm install failed; it needs the registry:\n${output}`);
    },
    async start(line, until, env = {}) {
      const { child, gone, output } = begin(`exec ${line}`, env);
      await waitUntil(() => output().includes(until) || hasEnded(child), 120, `"${until}" of ${line}`);
      if (!output().includes(until)) throw new Error(`${line} did not start:\n${output()}`);
      return {
        output,
        async stop(signal = "SIGTERM") {
          child.kill(signal);
          let isClosed = false;
          void gone.then(() => (isClosed = true));
          await waitUntil(() => isClosed, stopLimitSeconds, `the end of ${line}`);
          return gone;
        },
      };
    },
    async remove() {
      for (const child of running.keys()) if (!hasEnded(child)) killTree(child);
      await Promise.all(running.values());
      rmSync(root, { recursive: true, force: true });
    },
  };
  return folder;
}
