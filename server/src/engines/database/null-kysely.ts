import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
} from "kysely";
import { LiteralLimits } from "./sqlite-compiler.ts";
import type { Tables } from "./tables.ts";

export type EngineName = "sqlite" | "postgres";

const instances = new Map<EngineName, Kysely<Tables>>();

/** A Kysely that only compiles queries of the engine and can't execute them. */
export function nullKysely(engine: EngineName): Kysely<Tables> {
  let instance = instances.get(engine);
  if (!instance) {
    const driver = new DummyDriver();
    instance = new Kysely<Tables>({
      dialect:
        engine === "sqlite"
          ? {
              createAdapter: () => new SqliteAdapter(),
              createDriver: () => driver,
              createIntrospector: (db) => new SqliteIntrospector(db),
              createQueryCompiler: () => new LiteralLimits(),
            }
          : {
              createAdapter: () => new PostgresAdapter(),
              createDriver: () => driver,
              createIntrospector: (db) => new PostgresIntrospector(db),
              createQueryCompiler: () => new PostgresQueryCompiler(),
            },
    });
    instances.set(engine, instance);
  }
  return instance;
}
