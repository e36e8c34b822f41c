import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { dataFolder } from "../support/product-process.ts";

const main = new URL("open-database-main.ts", import.meta.url).pathname;
const processes = 4;
/** Without waiting for the lock one in eighty openings was refused. */
const files = 300;

test("four processes that open a new database file at once all get it", async () => {
  const folder = dataFolder();
  const openers = Array.from({ length: processes }, () => {
    const child = spawn(process.execPath, [main], { stdio: ["pipe", "pipe", "inherit"] });
    return { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  const answers: string[] = [];
  for (let n = 0; n < files; n++) {
    const file = join(folder.path, `${n}.sqlite3`);
    for (const { child } of openers) child.stdin.write(`${file}\n`);
    const said = await Promise.all(openers.map(async (opener) => (await opener.answers.next()).value));
    answers.push(...said.map(String));
  }
  await Promise.all(
    openers.map(({ child }) => {
      child.stdin.end();
      return new Promise((resolve) => child.once("exit", resolve));
    }),
  );
  folder.release();
  expect(answers.filter((answer) => answer !== "opened")).toEqual([]);
  expect(answers.length).toBe(processes * files);
}, 120_000);
