import { afterAll, afterEach, beforeEach } from "vitest";
import { hasEnded, killTree, type StartedProduct, startedProducts } from "./product-process.ts";

/**
 * Set-up of suites that start the product as processes: whatever a test leaves running is killed when it ends,
 * and a failed test shows how its processes ended and what they printed. Its hooks are the outermost.
 */
let before = new Set(startedProducts);
beforeEach(() => {
  before = new Set(startedProducts);
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail";
  if (failed) for (const product of startedProducts) report(product);
  await end([...startedProducts].filter((product) => !before.has(product)));
});

afterAll(() => end([...startedProducts]));

async function end(products: readonly StartedProduct[]) {
  for (const product of products) {
    if (!hasEnded(product.child)) killTree(product.child);
    await product.gone;
    startedProducts.delete(product);
  }
}

function report({ name, child, output }: StartedProduct) {
  const ended = child.exitCode ?? child.signalCode;
  const state = ended === null ? "is running" : `ended with ${ended}`;
  process.stderr.write(
    `\n--- "${name}" (pid ${child.pid}) ${state}; it printed:\n${output().slice(-8000)}\n---\n`,
  );
}
