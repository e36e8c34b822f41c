import { createInterface } from "node:readline";
import { openSqlite } from "../../src/engines/database/sqlite.ts";

/** For open-database.race.test.ts: opens each database file that a line of its input names, and says how that went. */
for await (const file of createInterface({ input: process.stdin })) {
  try {
    await openSqlite(file).close();
    process.stdout.write("opened\n");
  } catch (error) {
    process.stdout.write(`${error}\n`);
  }
}
