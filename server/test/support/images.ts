import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { makeMinimalDebian, whyNoDebian } from "./minimal-debian.ts";
import { networkSettings } from "./npm-network.ts";
import { hasEnded, killTree, waitUntil } from "./product-process.ts";

/**
 * Images built by buildah, which needs no engine: each step runs in a chroot, and what is stored is plain folders (vfs).
 * The base image is made here, of a Debian and the Node of package-lock.json, under the name that the Dockerfile asks for;
 * no registry of images is asked for anything.
 */
export interface Images {
  /** Builds a target of deploy/Dockerfile, the last by default. Throws with what buildah said. */
  build(name: string, target?: string): void;
  /** A container of the image; `dataDir` of this machine stands at /data. */
  container(image: string, dataDir: string): Container;
  remove(): Promise<void>;
}

export interface Container {
  /** Its files. */
  readonly root: string;
  readonly config: ImageConfig;
  /** Runs a command in it to its end, as the user of the image. */
  run(...command: string[]): { code: number | null; output: string };
  /** Runs its entry point, with the command in place of its own, until it says that it is ready. */
  start(command: readonly string[], env: Readonly<Record<string, string>>): Promise<Contained>;
}

export interface Contained {
  output(): string;
  /** The product's own process: number one of a container that an engine starts. */
  readonly pid: number;
  /** SIGTERM to that process, as an engine's stop is; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** What an engine reads in the image. */
interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Volumes: Readonly<Record<string, object>>;
}

const repository = resolve(import.meta.dirname, "../../..");
const baseName = /^FROM (\S+) AS build$/m.exec(
  readFileSync(join(repository, "deploy/Dockerfile"), "utf8"),
)![1]!;

/** Why there can be none on this machine, or null. */
export function whyNoImages(): string | null {
  const { status } = spawnSync("buildah", ["--version"]);
  return status === 0 ? whyNoDebian() : "images (missing: buildah)";
}

export async function prepareImages(): Promise<Images> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-images-"));
  const removeAll = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeAll);
  const store = [
    "--storage-driver",
    "vfs",
    "--root",
    join(folder, "store"),
    "--runroot",
    join(folder, "run"),
  ];
  const buildah = (...args: string[]): string => {
    const done = spawnSync("buildah", [...store, ...args], { encoding: "utf8", maxBuffer: 2 ** 27 });
    if (done.status === 0) return done.stdout.trim();
    throw new Error(`buildah ${args[0]}: ${done.error?.message ?? ""}${tail(done.stdout + done.stderr)}`);
  };
  await makeBase(buildah);
  const context = join(folder, "context");
  copyCheckout(context);
  const npmCache = join(folder, "npm-cache");
  mkdirSync(npmCache);
  const started: ChildProcess[] = [];
  return {
    build(name, target) {
      // Without --layers: a folder for each step would be a copy of everything.
      const only = target === undefined ? [] : ["--target", target];
      const how = ["--isolation", "chroot", "--pull-never", "--volume", `${npmCache}:/root/.npm`];
      buildah("build", ...how, ...only, "-f", join(repository, "deploy/Dockerfile"), "-t", name, context);
    },
    container(image, dataDir) {
      const id = buildah("from", "--pull-never", image);
      const config = (JSON.parse(buildah("inspect", id)) as { OCIv1: { config: ImageConfig } }).OCIv1.config;
      const run = ["run", "--isolation", "chroot", "--volume", `${dataDir}:/data`];
      return {
        ...{ root: buildah("mount", id), config },
        run(...command) {
          const done = spawnSync("buildah", [...store, ...run, id, "--", ...command], { encoding: "utf8" });
          return { code: done.status, output: `${done.stdout}${done.stderr}` };
        },
        async start(command, env) {
          const variables = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
          const line = [...config.Entrypoint, ...(command.length === 0 ? config.Cmd : command)];
          const child = spawn("buildah", [...store, ...run, ...variables, id, "--", ...line], {
            stdio: ["ignore", "pipe", "pipe"],
          });
          started.push(child);
          return contained(child, () => ownProcess(line, env));
        },
      };
    },
    async remove() {
      for (const child of started) if (!hasEnded(child)) killTree(child);
      spawnSync("buildah", [...store, "rm", "--all"]);
      removeAll();
      process.off("exit", removeAll);
    },
  };
}

const tail = (text: string) => text.slice(-3000);

/** What the official image has, as far as the product can see: Debian, Node with npm, the user `node`. */
async function makeBase(buildah: (...args: string[]) => string): Promise<void> {
  const debian = await makeMinimalDebian(["libatomic1"]);
  try {
    cpSync(join(repository, "node_modules/node/bin/node"), join(debian.root, "usr/local/bin/node"));
    rmSync(join(debian.root, "usr/bin/node"));
    for (const file of ["passwd", "group"]) {
      const path = join(debian.root, "etc", file);
      const line = file === "passwd" ? "node:x:1000:1000::/home/node:/bin/sh" : "node:x:1000:";
      debian.write(`etc/${file}`, `${readFileSync(path, "utf8")}${line}\n`);
    }
    // The way to the registry is this machine's.
    const network = networkSettings();
    for (const file of [network.npm_config_cafile, network.NODE_EXTRA_CA_CERTS])
      if (file !== undefined) debian.write(file, readFileSync(file, "utf8"));
    const id = buildah("from", "scratch");
    buildah("copy", id, debian.root, "/");
    for (const [name, value] of Object.entries(network)) buildah("config", "--env", `${name}=${value}`, id);
    buildah("commit", "--rm", id, `docker.io/library/${baseName}`);
  } finally {
    await debian.remove();
  }
}

/** As a clone has it: what git knows, as it is now. */
function copyCheckout(to: string): void {
  const options = { cwd: repository, encoding: "utf8", maxBuffer: 2 ** 26 } as const;
  const { stdout } = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], options);
  for (const file of stdout.split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(repository, file), join(to, file));
  }
}

async function contained(child: ChildProcess, find: () => number | undefined): Promise<Contained> {
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk) => (output += chunk));
  const gone = once(child, "close").then(([code]) => code as number | null);
  await waitUntil(() => output.includes("is ready") || hasEnded(child), 120, "the product in its image");
  if (!output.includes("is ready")) throw new Error(`it did not start:\n${tail(output)}`);
  const own = find();
  if (own === undefined) throw new Error(`no process of the image:\n${tail(output)}`);
  return {
    output: () => output,
    pid: own,
    async stop() {
      process.kill(own, "SIGTERM");
      await waitUntil(() => hasEnded(child), 40, "the end of the container");
      return gone;
    },
  };
}

/**
 * By its command and the port it was given: what buildah puts between is its own business. The first, where it has started
 * others.
 */
function ownProcess(line: readonly string[], env: Readonly<Record<string, string>>): number | undefined {
  const command = line.join(" ");
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const pids = readdirSync("/proc").map(Number).filter(Boolean);
  return pids
    .toSorted((a, b) => a - b)
    .find((pid) => {
      const given = fileOf(pid, "environ").split("\0");
      // The program is named by its path there.
      const [program = "", ...rest] = fileOf(pid, "cmdline").split("\0").slice(0, -1);
      const isIt = [basename(program), ...rest].join(" ") === command;
      return isIt && variables.every((one) => given.includes(one));
    });
}

function fileOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    // It has ended.
    return "";
  }
}
