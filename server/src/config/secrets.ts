import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { randomToken } from "../lib/ids.ts";

/**
 * The SECRET_KEY of a development set-up: made on the first start, kept in DATA_DIR/secret-key, mode 0600.
 * Written to a temporary file and linked into place, so that a start that was killed leaves no half key and
 * of two starts at once one wins and both use its key.
 */
export function readOrMakeSecretKey(dataDir: string): string {
  const file = join(dataDir, "secret-key");
  const known = read(file);
  if (known) return known;
  const temporary = join(dataDir, `.secret-key-${randomToken(6)}`);
  const descriptor = openSync(temporary, "wx", 0o600);
  try {
    writeSync(descriptor, `${randomToken(48)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    if (known === "") rmSync(file, { force: true });
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return readFileSync(file, "utf8").trim();
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
