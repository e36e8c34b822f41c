import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const client = dirname(dirname(fileURLToPath(import.meta.url)));

it("as published: ESM without a dependency, under 6 KB gzip, usable by plain Node", async () => {
  const out = mkdtempSync(join(tmpdir(), "meiduo-client-"));
  try {
    const tsc = join(client, "..", "node_modules", "typescript", "bin", "tsc");
    execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", out], { cwd: client });
    const scripts = readdirSync(out).filter((file) => file.endsWith(".js"));
    const sources = scripts.map((file) => readFileSync(join(out, file), "utf8"));
    for (const source of sources) {
      expect(source).not.toMatch(/from "(?!\.\/)/);
      expect(source).not.toMatch(/from "[^"]+\.ts"/);
    }
    const size = gzipSync(sources.join("\n"), { level: 9 }).length;
    process.stdout.write(`client, all modules, comments included, gzip: ${size} B\n`);
    expect(size).toBeLessThan(6 * 1024);
    const { createClient, ApiError } = await import(join(out, "client.js"));
    const nowhere = createClient({ baseUrl: "http://127.0.0.1:1", retries: 0 });
    await expect(nowhere.checkConnection()).rejects.toBeInstanceOf(ApiError);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
