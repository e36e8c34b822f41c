import { join, resolve } from "node:path";
import { readDatabaseUrl } from "../../kernel/settings/network-settings.ts";
import { defineSettings } from "../../kernel/settings/room-settings.ts";
import { integer, url } from "../../kernel/settings/variable.ts";

/** Which database stores what stays. */
export interface DatabaseSettings {
  readonly database:
    | { readonly engine: "sqlite"; readonly file: string }
    | { readonly engine: "postgres"; readonly url: string; readonly poolSize: number };
}

export const databaseSettings = defineSettings({
  variables: {
    DATABASE_URL: url(["postgres", "postgresql", "sqlite"], readDatabaseUrl, {
      fallbackText: "sqlite:DATA_DIR/meiduo.sqlite3",
      zh: "postgres://… 使用 PostgreSQL；缺省为内嵌 SQLite。",
      en: "postgres://… uses PostgreSQL; the default is the embedded SQLite.",
    }),
    DATABASE_POOL_SIZE: integer(
      10,
      { min: 1, max: 500 },
      { zh: "PostgreSQL 连接池大小。", en: "Connections in the PostgreSQL pool." },
    ),
  },
  settings: ({ DATABASE_URL: url, DATABASE_POOL_SIZE: poolSize }, { dataDir }): DatabaseSettings => {
    if (url === null) return { database: { engine: "sqlite", file: join(dataDir, "meiduo.sqlite3") } };
    if (url.startsWith("sqlite:")) {
      const file = resolve(url.slice("sqlite:".length).replace(/^\/\//, ""));
      return { database: { engine: "sqlite", file } };
    }
    return { database: { engine: "postgres", url, poolSize } };
  },
  byDefault: ({ database }) =>
    database.engine === "sqlite" ? { DATABASE_URL: `sqlite:${database.file}` } : {},
  idle: ({ database }) =>
    database.engine === "sqlite" ? { DATABASE_POOL_SIZE: "the database is SQLite" } : {},
});
