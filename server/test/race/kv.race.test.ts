import { createSqlKv } from "../../src/kv/sql-kv.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { kvRace } from "./kv.race.ts";

kvRace("key-value races on SQLite", async () => {
  const database = await temporarySqlite();
  return { stores: [createSqlKv(database, systemClock)], close: () => database.close() };
});
