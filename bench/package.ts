import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { packPackage } from "../scripts/package-tarball.ts";
import { readAmount, readOptions } from "../scripts/read-options.ts";
import { replaceRegion } from "../scripts/replace-region.ts";
import { freePort } from "../server/test/support/free-port.ts";
import { median } from "./figures.ts";
import { cpuMicrosOf, end, launch, type Memory, startProcess } from "./process-under-test.ts";
import { useScratchFolder } from "./scratch-folder.ts";
import { commandIn, ownTree } from "./tree.ts";

/**
 * What the npm package costs beside the repository that it was packed of: its size, and a start of each in turn. Writes its
 * part of README.md.
 */
const usage = `
node bench/package.ts [--pairs 9]

  --pairs 9     starts of both, in turn 两者轮流启动的次数
`;
const { pairs: given } = readOptions(usage, { pairs: { type: "string", default: "9" } });
const pairs = readAmount("--pairs", given, { whole: true });
const folder = useScratchFolder();
const site = join(folder, "site");
const say = (text: string) => process.stderr.write(`${text}\n`);

say("packing and installing");
const tarball = await packPackage(folder);
mkdirSync(site);
const installed = spawnSync("npm", ["install", "--no-audit", "--no-fund", tarball], {
  cwd: site,
  encoding: "utf8",
});
if (installed.status !== 0) throw new Error(`npm install failed:\n${installed.stderr}`);

const subjects = {
  repository: { command: commandIn(ownTree, "start"), cwd: ownTree },
  package: { command: [join(site, "node_modules", ".bin", "meiduo-accounts"), "start"], cwd: site },
} as const;
type Subject = keyof typeof subjects;

/** From the command to the first answer of the API: milliseconds that passed, and those of processor time. */
interface Start {
  readonly elapsed: number;
  readonly cpu: number;
}
const starts: Record<Subject, Start[]> = { repository: [], package: [] };
for (const subject of ["repository", "package"] as const) await startOnce(subject);
for (let pair = 0; pair < pairs; pair++) {
  say(`pair ${pair + 1} of ${pairs}`);
  const order: Subject[] = pair % 2 === 0 ? ["repository", "package"] : ["package", "repository"];
  for (const subject of order) starts[subject].push(await startOnce(subject));
}
const memory = { repository: await idleMemory("repository"), package: await idleMemory("package") };
const page = join(ownTree, "bench", "README.md");
writeFileSync(page, replaceRegion(page, readFileSync(page, "utf8"), "package", report()));

async function startOnce(subject: Subject): Promise<Start> {
  const { env, port } = await environmentOf(subject);
  const url = `http://127.0.0.1:${port}/users/usernames/nobody_yet/count/`;
  const begin = performance.now();
  const child = startProcess({
    ...subjects[subject],
    env,
    core: null,
    logFile: join(folder, `${subject}.log`),
  });
  try {
    while (performance.now() - begin < 120_000) {
      const response = await fetch(url).catch(() => null);
      if (response?.status === 200) {
        return { elapsed: performance.now() - begin, cpu: (cpuMicrosOf(child.pid!) ?? 0) / 1000 };
      }
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    throw new Error(`the ${subject} gave no answer within 120 s`);
  } finally {
    await end(child, true);
  }
}

/** Five seconds after the start, as for the tables above. */
async function idleMemory(subject: Subject): Promise<Memory | null> {
  const { env, port } = await environmentOf(subject);
  const how = { ...subjects[subject], env, core: null, logFile: join(folder, `${subject}.log`) };
  const running = await launch({ ...how, port, readyPath: "/readyz" });
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const held = running.memory();
  await running.stop();
  return held;
}

async function environmentOf(subject: Subject) {
  const [port, webPort] = [await freePort(), await freePort()];
  const ports = { API_PORT: String(port), WEB_PORT: String(webPort) };
  return { port, env: { ...ports, DATA_DIR: join(folder, `data-${subject}`), LOG_LEVEL: "warn" } };
}

function report(): string {
  const start = (name: keyof Start) => (subject: Subject) =>
    `${(median(starts[subject].map((one) => one[name])) / 1000).toFixed(2)} s`;
  const ratio = (name: keyof Start) => {
    const ratios = starts.package
      .map((one, i) => one[name] / starts.repository[i]![name])
      .toSorted((a, b) => a - b);
    const [least, most] = [ratios[0], ratios.at(-1)].map((one) => one?.toFixed(2));
    return `median of the pairs ${median(ratios).toFixed(2)}x, ${least}x to ${most}x`;
  };
  const held = (name: keyof Memory) => (subject: Subject) => megabytes(memory[subject]?.[name] ?? 0);
  const row = (name: string, of: (subject: Subject) => string, note = "") =>
    `| ${name} | ${of("repository")} | ${of("package")} | ${note} |`;
  const inPackage = filesUnder(join(site, "node_modules", "meiduo-accounts"));
  const kinds = Map.groupBy(inPackage, ({ name }) => (name.endsWith(".d.ts") ? ".d.ts" : extname(name)));
  const count = (kind: string) => kinds.get(kind)?.length ?? 0;
  return `Made by \`node bench/package.ts --pairs ${pairs}\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}.

| | repository | package | |
| --- | --: | --: | --- |
${row("processor time of a start, median", start("cpu"), ratio("cpu"))}
${row("start to the first answer, median", start("elapsed"), ratio("elapsed"))}
${row("idle memory, PSS", held("pss"))}
${row("idle memory, resident", held("resident"))}
${row("node_modules", (subject) => megabytes(sizeOf(filesUnder(join(subjects[subject].cwd, "node_modules")))))}

- The tarball is ${megabytes(statSync(tarball).size)}, unpacked ${megabytes(sizeOf(inPackage))} in ${inPackage.length} files: ${count(".js")} of JavaScript, ${count(".d.ts")} of declarations,
  ${count(".map")} source maps, the built site with its compressed forms, texts.
- Beside it, ${packagesIn(site)} packages are installed.`;
}

interface File {
  readonly name: string;
  readonly size: number;
}

/** Without what a start has kept for the next one. */
function filesUnder(root: string): File[] {
  return globSync("**/*", { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(join("node_modules", ".cache")))
    .map((entry) => ({ name: entry.name, size: statSync(join(entry.parentPath, entry.name)).size }));
}

function sizeOf(files: readonly File[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

function packagesIn(root: string): number {
  const lock = JSON.parse(readFileSync(join(root, "node_modules", ".package-lock.json"), "utf8"));
  return Object.keys(lock.packages).length - 1;
}
