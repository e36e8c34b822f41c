import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { withInstallLock } from "../process/install-lock.mjs";

/**
 * Builds the site into web/dist, but only where its sources differ from those of the last build: a second start must
 * not wait. The stamp is written last, so that an interrupted build is made again.
 */

const root = resolve(import.meta.dirname, "../../..");
/** Where the built site is. */
export const siteDir = join(root, "web", "dist");
const stampFile = join(siteDir, ".sources");

/**
 * Builds where needed, or in any case with `force`; `built` says whether it was. Vite is loaded only for a build. For
 * build-site-main.ts alone, which sets NODE_ENV: in another process the build would be one for development.
 */
export async function buildSite(force = false): Promise<{ built: boolean }> {
  if (!force && readStamp() === hashSources()) return { built: false };
  // Two starts on a fresh clone would empty the folder under each other.
  return withInstallLock(join(root, ".install", "site"), () => buildAlone(force));
}

async function buildAlone(force: boolean): Promise<{ built: boolean }> {
  const sources = hashSources();
  if (!force && readStamp() === sources) return { built: false };
  const { build } = await import("vite");
  for (const name of ["vite.config.ts", "console.config.ts", "captcha.config.ts"]) {
    await build({ configFile: join(root, "web", name), logLevel: "warn" });
  }
  for (const file of files(siteDir)) compress(file);
  writeFileSync(stampFile, sources);
  return { built: true };
}

/**
 * Builds where needed, in a process of its own: a build leaves 200 MB behind, which a server that runs for months
 * would keep. The package brings the site without its sources. Rejects where the build fails; the builder has said why.
 */
export async function buildSiteApart(): Promise<void> {
  if (!existsSync(join(root, "web", "vite.config.ts"))) return;
  if (readStamp() === hashSources()) return;
  const builder = spawn(process.execPath, [join(import.meta.dirname, "build-site-main.ts")], {
    stdio: ["ignore", 2, 2],
  });
  const [code] = await once(builder, "exit");
  if (code !== 0) throw new Error("building the site failed");
}

/** Everything the build reads: the site, the client, and the versions of the packages. */
function hashSources(): string {
  const hash = createHash("sha256");
  const inputs = [
    ...files(join(root, "web", "src")),
    ...files(join(root, "web", "public")),
    ...files(join(root, "client", "src")),
    join(root, "web", "index.html"),
    join(root, "web", "console.html"),
    join(root, "web", "captcha.html"),
    join(root, "web", "vite.config.ts"),
    join(root, "web", "console.config.ts"),
    join(root, "web", "captcha.config.ts"),
    join(root, "web", "served-browsers.ts"),
    join(root, "client", "package.json"),
    join(root, "package-lock.json"),
    fileURLToPath(import.meta.url),
  ];
  for (const file of inputs.filter((name) => !name.endsWith(".test.ts"))) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex");
}

function readStamp(): string | null {
  try {
    return readFileSync(stampFile, "utf8");
  } catch {
    return null;
  }
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Compressed once here, at the highest level, instead of for each reader. */
function compress(file: string): void {
  if (!/\.(?:js|css|svg|txt|json)$/.test(file)) return;
  const content = readFileSync(file);
  if (content.length < 400) return;
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: quality }));
}
