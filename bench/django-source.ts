import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { djangoSchema } from "../server/test/support/django-database.ts";

/**
 * A generated Django site of any size: names, addresses, numbers, hashes of Django's length, every tenth account
 * bound to a third party, every twentieth in a group, one in a thousand with an address that others have too.
 */
type Row = readonly (string | number)[];

const at = "2026-11-22 15:33:10.266128";

function* rowsOf(table: string, users: number): Generator<Row> {
  for (let id = 1; id <= users; id++) {
    const digest = createHash("sha256").update(String(id)).digest("base64");
    if (table === "tb_users") {
      const email = id % 1000 === 0 ? "shared@qq.com" : `user${id}@qq.com`;
      const password = `pbkdf2_sha256$120000$${digest.slice(0, 12)}$${digest}`;
      yield [id, password, at, 0, `user${id}`, "", "", email, 0, 1, at, `1${3_000_000_000 + id}`];
    } else if (table === "tb_oauth_user" && id % 10 === 0) {
      yield [id, at, at, digest.slice(0, 32), id, "1"];
    } else if (table === "tb_users_groups" && id % 20 === 0) yield [id, id, 1];
  }
}

const filled = ["tb_users", "tb_oauth_user", "tb_users_groups"];
/** As Django's foreign keys make them. */
const indexes = [
  "create index binding_user on tb_oauth_user (user_id)",
  "create index group_user on tb_users_groups (user_id)",
  "create index permission_user on tb_users_user_permissions (user_id)",
];
const group = "insert into auth_group values (1, 'customers')";

export function fillSqlite(file: string, users: number): void {
  const database = new DatabaseSync(file);
  database.exec(`pragma journal_mode = off; pragma synchronous = off; ${djangoSchema} begin; ${group}`);
  for (const table of filled) {
    let insert: ReturnType<DatabaseSync["prepare"]> | null = null;
    for (const row of rowsOf(table, users)) {
      insert ??= database.prepare(`insert into ${table} values (${row.map(() => "?").join(", ")})`);
      insert.run(...row);
    }
  }
  database.exec(`commit; ${indexes.join("; ")}`);
  database.close();
}

export async function fillMysql(url: string, users: number): Promise<void> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  await connection.query(djangoSchema.replaceAll('"', "`"));
  await connection.query(group);
  for (const table of filled) {
    for (const rows of chunks(rowsOf(table, users)))
      await connection.query(`insert into ${table} values ?`, [rows]);
  }
  for (const index of indexes) await connection.query(index);
  await connection.end();
}

export async function fillPostgres(url: string, users: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(djangoSchema);
  await client.query(group);
  for (const table of filled) {
    for (const rows of chunks(rowsOf(table, users))) {
      let count = 0;
      const marks = rows.map((row) => `(${row.map(() => `$${++count}`).join(", ")})`);
      await client.query(`insert into ${table} values ${marks.join(", ")}`, rows.flat());
    }
  }
  for (const index of indexes) await client.query(index);
  await client.query("analyze");
  await client.end();
}

function* chunks(rows: Iterable<Row>): Generator<Row[]> {
  let chunk: Row[] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < 2_000) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
