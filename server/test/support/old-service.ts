import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import type { EngineServer } from "./engines.ts";
import { freshPostgresUrl } from "./test-engines.ts";

/** The table of accounts of an old Django service, empty, on an engine that it may live on. */
export interface OldService {
  readonly address: string;
  exec(sql: string): Promise<void>;
  rows(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** The table as Django's migrations make it there. */
const tableOn = (engine: "sqlite" | "mysql" | "postgres") => {
  const id = {
    sqlite: "integer primary key autoincrement",
    mysql: "bigint not null auto_increment primary key",
    postgres: "bigserial primary key",
  }[engine];
  const flag = engine === "postgres" ? "boolean not null" : "integer not null";
  const time = { sqlite: "datetime", mysql: "datetime(6)", postgres: "timestamptz" }[engine];
  return `create table tb_users (id ${id}, password varchar(128) not null, last_login ${time} null,
    is_superuser ${flag}, username varchar(150) not null unique, first_name varchar(150) not null,
    last_name varchar(150) not null, email varchar(254) not null, is_staff ${flag}, is_active ${flag},
    date_joined ${time} not null, mobile varchar(11) not null unique)`;
};

export async function onSqlite(): Promise<OldService> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-old-"));
  const file = join(folder, "old.sqlite3");
  const database = new DatabaseSync(file);
  database.exec(tableOn("sqlite"));
  return {
    address: file,
    exec: async (sql) => database.exec(sql),
    rows: async () =>
      database.prepare("select * from tb_users order by id").all() as Record<string, unknown>[],
    async close() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function onMysql(server: EngineServer): Promise<OldService> {
  const connection = await createConnection({ uri: server.url, dateStrings: true });
  await connection.query("drop table if exists tb_users");
  await connection.query(tableOn("mysql"));
  return {
    address: server.url,
    exec: async (sql) => void (await connection.query(sql)),
    rows: async () =>
      (await connection.query("select * from tb_users order by id"))[0] as Record<string, unknown>[],
    close: () => connection.end(),
  };
}

export async function onPostgres(): Promise<OldService> {
  const address = await freshPostgresUrl();
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  await client.query(tableOn("postgres"));
  return {
    address,
    exec: async (sql) => void (await client.query(sql)),
    rows: async () =>
      (await client.query("select * from tb_users order by id")).rows.map((row) => ({
        ...row,
        ...{ id: Number(row.id), is_active: Number(row.is_active) },
        ...{ is_staff: Number(row.is_staff), is_superuser: Number(row.is_superuser) },
      })),
    close: () => client.end(),
  };
}
