import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dataFolder, startProduct, waitUntil } from "../support/product-process.ts";

/** A systemd-notify that notes what it was called with, first on the PATH. */
function recorder(folder: string): () => string {
  const notes = join(folder, "notes");
  const script = `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${notes}\n`;
  writeFileSync(join(folder, "systemd-notify"), script, { mode: 0o755 });
  return () => (existsSync(notes) ? readFileSync(notes, "utf8") : "");
}

test.each(["serve", "work"])(
  "%s tells systemd once that it is ready, where systemd asked",
  async (command) => {
    const folder = dataFolder();
    const told = recorder(folder.path);
    const product = await startProduct(command, {
      DATA_DIR: folder.path,
      PATH: `${folder.path}:${process.env.PATH}`,
      NOTIFY_SOCKET: "/run/systemd/notify",
    });
    try {
      await waitUntil(() => told() !== "", 20, "the notice");
      expect(told()).toBe(`/run/systemd/notify --ready --pid=${product.pid}\n`);
    } finally {
      await product.stop();
      folder.release();
    }
  },
);
