import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { notTested } from "../support/not-tested.ts";
import { type ProductProcess, startProduct, waitUntil } from "../support/product-process.ts";
import { codeInMailbox, visitors } from "../support/visitors.ts";

/** A file system of 6 MB of its own; only root may mount one. */
const folder = mkdtempSync(join(tmpdir(), "meiduo-disk-"));
const mounted =
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], { encoding: "utf8" }).status === 0;
if (!mounted) rmSync(folder, { recursive: true });

if (mounted) {
  let product: ProductProcess;
  let worker: ProductProcess;
  beforeEach(async () => {
    const data = join(folder, "data");
    mkdirSync(data);
    product = await startProduct("serve", { DATA_DIR: data });
    worker = await startProduct("work", { DATA_DIR: data });
  });
  afterEach(async () => {
    await Promise.all([product?.stop(), worker?.stop()]);
    spawnSync("umount", [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  test("disk full: 503 with Retry-After and nothing half done, reads go on, service returns within 5 s of space", async () => {
    const crowd = visitors(product.url);
    expect((await crowd.requestCode("before@example.com")).status).toBe(200);
    const code = await codeInMailbox(product.url, "before@example.com");
    expect((await crowd.signUp("before", "before@example.com", code)).status).toBe(201);
    expect((await crowd.requestCode("during@example.com")).status).toBe(200);
    const later = await codeInMailbox(product.url, "during@example.com");

    const filledAt = performance.now();
    const free = () => statfsSync(folder).bavail * statfsSync(folder).bsize;
    writeFileSync(join(folder, "filler"), Buffer.alloc(free()));
    expect(free()).toBe(0);
    // What fits into pages already there may still succeed; with no space at all it ends soon.
    let refused = await crowd.signUp("during", "during@example.com", later);
    let number = 0;
    await waitUntil(
      async () => {
        refused = await crowd.requestCode(`filler${number++}@example.com`);
        return refused.status === 503;
      },
      30,
      "a refusal",
    );
    expect(refused.retryAfter).toMatch(/^[1-9]\d*$/);
    expect((await crowd.count("before")).body).toContain('"count":1');
    const during = crowd.answers.filter(({ at }) => at > filledAt);
    expect(Math.max(...during.map((answer) => answer.millis))).toBeLessThan(2000);

    rmSync(join(folder, "filler"));
    await waitUntil(
      async () => (await crowd.requestCode(`after${number++}@example.com`)).status === 200,
      5,
      "service after space is back",
    );
    expect((await crowd.logIn("before")).status).toBe(200);
    // The sign-up during it was either answered 201 and is there, or left nothing that is in the way.
    const attempt = crowd.answers.find(
      (answer) => answer.what === "sign-up" && answer.path && answer.status !== 201,
    );
    if (attempt) {
      expect(attempt.status).toBe(503);
      expect((await crowd.count("during")).body).toContain('"count":0');
    } else {
      expect((await crowd.logIn("during")).status).toBe(200);
    }
    expect(crowd.answers.filter((answer) => ![200, 201, 503].includes(answer.status))).toEqual([]);
  }, 120_000);
} else notTested("the right to mount a small file system, for a full disk");
