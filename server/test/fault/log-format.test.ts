import { afterAll, afterEach, expect, test } from "vitest";
import { dataFolder, type ProductProcess, startProduct } from "../support/product-process.ts";

const folder = dataFolder();
let product: ProductProcess | null = null;
afterEach(async () => {
  await product?.stop();
  product = null;
});
afterAll(() => folder.release());

test.each([
  ["auto", /^\{"level":"info",.*"status":404,.*"msg":"answered"\}$/m],
  ["text", /^\d\d:\d\d:\d\d\.\d{3} {2}INFO {3}answered .* status=404 .*$/m],
])("a real process with LOG_FORMAT=%s, whose output nobody reads on a terminal", async (LOG_FORMAT, line) => {
  product = await startProduct("serve", {
    ...{ DATA_DIR: folder.path, LOG_FORMAT, LOG_LEVEL: "info" },
  });
  expect((await fetch(`${product.url}/nowhere/`)).status).toBe(404);
  await product.stop();
  const output = product.output();
  product = null;
  expect(output).toMatch(line);
});
