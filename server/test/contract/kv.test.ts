import { createSqlKv } from "../../src/kv/sql-kv.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { kvContract } from "./kv.contract.ts";

kvContract("key-value store on SQLite", async () => {
  const database = await temporarySqlite();
  const clock = fakeClock();
  return {
    kv: createSqlKv(database, clock),
    elapse: async (seconds) => clock.advance(seconds),
    close: () => database.close(),
  };
});
