import { spawn } from "node:child_process";
import pg from "pg";
import { expect, test } from "vitest";
import { bareEnvironment } from "../support/false-clock.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";
import { freshPostgresUrl, hasProductionEngines } from "../support/test-engines.ts";

/** Begins a transaction, says so, thinks until it is told to go on, and reports how the transaction ended. */
const program = `
import { openPostgres } from "${new URL("../../src/engines/database/postgres.ts", import.meta.url).href}";
const db = openPostgres({ url: process.env.URL, poolSize: 2 });
const ended = await db.transaction(async (transaction) => {
  await transaction.kysely.selectNoFrom((query) => query.val(1).as("one")).execute();
  process.stdout.write("in transaction\\n");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  await transaction.kysely.selectNoFrom((query) => query.val(1).as("one")).execute();
}).then(() => "committed", (error) => error.code);
process.stdout.write(\`transaction: \${ended}\\n\`);
await db.ping();
process.stdout.write("next call: answered\\n");
await db.close();
process.stdin.destroy();
`;

if (hasProductionEngines) {
  // A connection in use has nobody waiting for its answer between two queries: an 'error' event that nobody
  // listens to would end the whole process.
  test("a connection that breaks between two queries of a transaction fails that transaction, not the process", async () => {
    const url = await freshPostgresUrl();
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      env: { ...bareEnvironment(), URL: url },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    const exitCode = new Promise((resolve) => child.once("exit", resolve));
    await waitUntil(() => output.includes("in transaction"), 30, "a transaction");
    const operator = new pg.Client({ connectionString: url });
    await operator.connect();
    await operator.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    const others =
      "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    await waitUntil(
      async () => (await operator.query(others)).rowCount === 0,
      10,
      "the end of its connections",
    );
    await operator.end();
    child.stdin.end("go on\n");
    expect([await exitCode, output]).toEqual([
      0,
      "in transaction\ntransaction: unavailable\nnext call: answered\n",
    ]);
  });
} else notTested("PostgreSQL and Redis");
