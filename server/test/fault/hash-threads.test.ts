import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { notTested } from "../support/not-tested.ts";
import { dataFolder, type ProductProcess, startProduct } from "../support/product-process.ts";

let folder: ReturnType<typeof dataFolder>;
let product: ProductProcess | null = null;

beforeEach(() => {
  folder = dataFolder();
});
afterEach(async () => {
  await product?.stop();
  product = null;
  folder.release();
});

function poolThreads(pid: number): number {
  const names = readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/comm`, "utf8").trim(),
  );
  return names.filter((name) => name === "libuv-worker").length;
}

const cases = [
  ["each hash at once has a thread, and four are left for files and hosts", {}, 10],
  ["a size that the operator chose stays", { UV_THREADPOOL_SIZE: "7" }, 7],
] as const;

// Only Linux names the threads of a process.
if (process.platform === "linux") test.each(cases)("%s", hashesWithThreads);
else notTested("the threads that hash");

async function hashesWithThreads(_what: string, env: Record<string, string>, threads: number): Promise<void> {
  product = await startProduct("serve", { DATA_DIR: folder.path, HASH_CONCURRENCY: "6", ...env });
  const answer = await fetch(`${product.url}/users/authorizations/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "nobody_yet", password: "any-Password-1" }),
  });
  // The hash for nobody has made the threads.
  expect(answer.status).toBe(400);
  expect(poolThreads(product.pid)).toBe(threads);
}
