import { closeSync, fsyncSync, openSync } from "node:fs";

/** What was written to this file, or which names this folder has, is on the disk when it returns. */
export function settleOnDisk(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
