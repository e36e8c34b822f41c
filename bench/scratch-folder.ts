import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "./at-end.ts";

/** One folder for all temporary files of this process and of those it starts; it goes whatever ends this process. */
export function useScratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-bench-"));
  // PostgreSQL runs as another user and only has to find its own folder in it.
  chmodSync(folder, 0o711);
  process.env.TMPDIR = folder;
  // Engines that were killed a moment ago may still write.
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}
