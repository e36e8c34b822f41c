import { afterAll, beforeAll, expect, test } from "vitest";
import {
  dataFolder,
  type ProductProcess,
  productSecretKey,
  startProduct,
  waitUntil,
} from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";

/** AUDIT_LOG and AUDIT_CHAIN as an operator sets them: in the process that runs, through a kill. */
const data = dataFolder();
const env = { DATA_DIR: data.path, AUDIT_CHAIN: "on", AUDIT_LOG: "stdout" };
let product: ProductProcess;
beforeAll(async () => {
  product = await startProduct("work", env);
});
afterAll(async () => {
  await product?.stop();
  data.release();
});

const manage = (line: string) =>
  runCommand(line.split(" "), { SECRET_KEY: productSecretKey, DATA_DIR: data.path });
const actionsIn = (output: string) =>
  output
    .split("\n")
    .filter((line) => line.includes('"meiduo.audit"'))
    .map((line) => JSON.parse(line).event.action);
async function verify(linked: number) {
  let report = { linked: 0, notLinked: 0, found: 0, head: "" };
  await waitUntil(
    async () => {
      const { stdout } = await manage("verify-audit --json");
      report = JSON.parse(stdout);
      return report.linked === linked;
    },
    60,
    `${linked} entries are linked`,
  );
  expect(report).toMatchObject({ notLinked: 0, found: 0 });
  return report.head;
}

test("each entry is written out and linked, and a killed process goes on where it stopped", async () => {
  expect((await manage("user create chained1 --email chained1@example.com --no-password")).code).toBe(0);
  const head = await verify(1);
  expect(actionsIn(product.output())).toEqual(["user.create"]);
  await product.kill();
  expect((await manage("user make-staff chained1")).code).toBe(0);
  product = await startProduct("work", env);
  await verify(2);
  expect(actionsIn(product.output())).toEqual(["user.change"]);
  expect((await manage(`verify-audit --head ${head}`)).code).toBe(0);
});
