import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
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
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { networkSettings } from "./npm-network.ts";

/**
 * A Debian with nothing in it but what debootstrap calls minbase, beside this machine's Node and npm. Its commands run
 * in namespaces of their own: what is mounted goes with the last process, and one signal ends all of them, also where
 * a test fails. Without the machine's network it has all ports to itself.
 */
export interface MinimalDebian {
  readonly root: string;
  write(path: string, content: string, mode?: number): void;
  enter(network: "machine" | "own"): Promise<Inside>;
  remove(): Promise<void>;
}

export interface Inside {
  /** Runs a shell line to its end. */
  run(line: string, options?: RunOptions): Promise<{ code: number | null; output: string }>;
  /** Starts one that stays. */
  start(line: string, options?: RunOptions): { output(): string; readonly child: ChildProcess };
  leave(): Promise<void>;
}

interface RunOptions {
  readonly user?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

const programs = [
  "debootstrap",
  "unshare",
  "nsenter",
  "ip",
  "chroot",
  "git",
  "tar",
  "node",
  "npm",
  "apt-get",
];
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const onMachine = (...command: [string, ...string[]]) =>
  spawnSync(command[0], command.slice(1), {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
    maxBuffer: 100_000_000,
  });

/** Why there can be none on this machine, or null. */
export function whyNoDebian(): string | null {
  if (process.getuid?.() !== 0) return "a minimal Debian (only root can make one)";
  const missing = programs.filter((name) => onMachine("sh", "-c", `command -v ${name}`).status !== 0);
  if (missing.length > 0) return `a minimal Debian (missing: ${missing.join(", ")})`;
  const mirror = debianMirror();
  if (mirror === null) return "a minimal Debian (the machine's apt sources name no Debian)";
  const url = `${mirror.uri}dists/${mirror.codename}/Release`;
  const helper = "/usr/lib/apt/apt-helper";
  const reached = onMachine(helper, "download-file", url, join(tmpdir(), `meiduo-release-${process.pid}`));
  rmSync(join(tmpdir(), `meiduo-release-${process.pid}`), { force: true });
  return reached.status === 0 ? null : `a minimal Debian (${url} can't be reached)`;
}

function debianMirror(): { uri: string; codename: string } | null {
  const format = "$(REPO_URI)|$(CODENAME)|$(COMPONENT)|$(LABEL)";
  const targets = onMachine("apt-get", "indextargets", "--format", format, "Created-By: Packages").stdout;
  const [, uri, codename] = /^(.*)\|([a-z]+)\|main\|Debian$/m.exec(targets) ?? [];
  return uri && codename ? { uri, codename } : null;
}

export async function makeMinimalDebian(packages: readonly string[]): Promise<MinimalDebian> {
  const root = mkdtempSync(join(tmpdir(), "meiduo-debian-"));
  const { uri, codename } = debianMirror()!;
  const include = `--include=${packages.join(",")}`;
  const made = await ended(
    // Ends with this process, also where that is killed; what it mounts itself ends with it.
    spawn(
      "setpriv",
      [
        "--pdeathsig=KILL",
        "unshare",
        "--mount",
        "--propagation=private",
        "debootstrap",
        "--variant=minbase",
        include,
        codename,
        root,
        uri,
      ],
      {
        env: { PATH: path },
      },
    ),
  );
  if (made.code !== 0) {
    rmSync(root, { recursive: true, force: true });
    throw new Error(`debootstrap failed:\n${made.output.slice(-2000)}`);
  }
  const orphaned = () => rmSync(root, { recursive: true, force: true });
  process.once("exit", orphaned);
  chmodSync(root, 0o755);
  const write = (file: string, content: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content, { mode });
  };
  // In place of whatever way people install "Node.js 20 or newer and npm".
  const node = onMachine("sh", "-c", 'readlink -f "$(command -v node)"').stdout.trim();
  const npm = onMachine("sh", "-c", 'readlink -f "$(command -v npm)"').stdout.trim();
  cpSync(node, join(root, "usr/bin/node"));
  cpSync(dirname(dirname(npm)), join(root, "usr/lib/node_modules/npm"), { recursive: true });
  write("usr/bin/npm", '#!/bin/sh\nexec node /usr/lib/node_modules/npm/bin/npm-cli.js "$@"\n', 0o755);
  // The way to the registry is the machine's: its names, its authorities, its proxy.
  for (const file of ["etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"])
    if (existsSync(`/${file}`)) write(file, readFileSync(`/${file}`, "utf8"));
  const insides: Inside[] = [];
  return {
    root,
    write,
    async enter(network) {
      const inside = await enter(root, network);
      insides.push(inside);
      return inside;
    },
    async remove() {
      for (const inside of insides) await inside.leave();
      // Nothing of the machine is mounted here: all mounts were in the namespaces that have just ended.
      // Two installations are 100,000 files.
      await rm(root, { recursive: true, force: true });
      process.off("exit", orphaned);
    },
  };
}

async function enter(root: string, network: "machine" | "own"): Promise<Inside> {
  const mounts = `mount -t proc proc ${root}/proc && mount --rbind /dev ${root}/dev && mount -t tmpfs -o mode=1777 tmpfs ${root}/tmp`;
  const lo = network === "own" ? "ip link set lo up && " : "";
  const net = network === "own" ? ["--net"] : [];
  const first = `${lo}${mounts} && echo ready && exec sleep infinity`;
  // Ends with this process, also where that is killed.
  const holder = spawn(
    "setpriv",
    [
      "--pdeathsig=KILL",
      "unshare",
      "--mount",
      "--pid",
      ...net,
      "--propagation=private",
      "--fork",
      "--kill-child",
      "sh",
      "-c",
      first,
    ],
    { stdio: ["ignore", "pipe", "inherit"], env: { PATH: path } },
  );
  const gone = once(holder, "close");
  const ready = await Promise.race([once(holder.stdout, "data"), gone.then(() => null)]);
  if (ready === null) throw new Error("no namespaces could be made");
  const target = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim();
  const command = (line: string, { user = "root", cwd = "/", env = {} }: RunOptions) => {
    const home = user === "root" ? "/root" : `/home/${user}`;
    const variables = Object.entries({
      PATH: path,
      HOME: home,
      LANG: "C.UTF-8",
      ...networkSettings(),
      ...env,
    });
    return [
      ...["-t", target, "--mount", "--pid", ...net],
      ...["chroot", root, "/usr/bin/setpriv", `--reuid=${user}`, `--regid=${user}`, "--init-groups"],
      ...["env", "-i", "-C", cwd, ...variables.map(([name, value]) => `${name}=${value}`), "sh", "-c", line],
    ];
  };
  return {
    run(line, options = {}) {
      const child = spawn("nsenter", command(`exec 2>&1\n${line}`, options), { env: { PATH: path } });
      child.stdin.end(options.input ?? "");
      return ended(child);
    },
    start(line, options = {}) {
      const child = spawn("nsenter", command(line, options), {
        env: { PATH: path },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
      return { output: () => output, child };
    },
    async leave() {
      // Its child is the first process of the namespace: the kernel ends all others with it.
      if (holder.exitCode === null && holder.signalCode === null) holder.kill("SIGKILL");
      await gone;
    },
  };
}

async function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk) => (output += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}
