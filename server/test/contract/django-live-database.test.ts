import { DatabaseSync } from "node:sqlite";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/database/database.ts";
import { contents, runImport } from "../support/django-import.ts";
import type { EngineServer } from "../support/engines.ts";
import { mariadbMissing, startMariadb } from "../support/mariadb.ts";
import { describeWhere } from "../support/not-tested.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { freshPostgresUrl, hasProductionEngines } from "../support/test-engines.ts";

/**
 * The original's database on the engines that live sites have, with the column types Django makes there:
 * importing it from MySQL or PostgreSQL ends as importing it from SQLite does.
 */
const original = new URL("../vectors/import/original-database.sqlite3", import.meta.url).pathname;
const tables = [
  "django_content_type",
  "auth_permission",
  "auth_group",
  "auth_group_permissions",
  "tb_users",
  "tb_users_groups",
  "tb_users_user_permissions",
  "tb_oauth_user",
];

interface Column {
  readonly name: string;
  readonly type: string;
}

/** Each table's columns and rows, with two members and a group more than the recording has. */
function recorded() {
  const database = new DatabaseSync(original, { readOnly: true });
  const found = tables.map((table) => ({
    table,
    columns: database
      .prepare(`select name, type from pragma_table_info('${table}')`)
      .all() as unknown as Column[],
    rows: database.prepare(`select * from ${table}`).all() as Record<string, unknown>[],
  }));
  database.close();
  return found;
}

async function fromSqlite(): Promise<Awaited<ReturnType<typeof contents>>> {
  const db = await temporarySqlite();
  try {
    await runImport(db, original);
    return await contents(db);
  } finally {
    await db.close();
  }
}

test("MariaDB is there to be tested with", () => {
  if (mariadbMissing !== null && !process.env.CI) {
    process.stderr.write(`\nNOT TESTED against MySQL, missing: ${mariadbMissing}\n\n`);
    return;
  }
  expect(mariadbMissing).toBeNull();
});

describeWhere(mariadbMissing === null)("from MySQL", () => {
  let server: EngineServer;
  let db: Database;
  beforeAll(async () => {
    server = await startMariadb();
    db = await temporarySqlite();
    const connection = await createConnection({ uri: server.url, dateStrings: true });
    const typeOf = (type: string) =>
      type === "datetime"
        ? "datetime(6)"
        : type === "bool"
          ? "tinyint(1)"
          : type === "integer"
            ? "int"
            : type;
    for (const { table, columns, rows } of recorded()) {
      const list = columns.map(({ name, type }) => `\`${name}\` ${typeOf(type)}`).join(", ");
      await connection.query(`create table ${table} (${list}, primary key (id))`);
      for (const row of rows) await connection.query(`insert into ${table} set ?`, [row]);
    }
    await connection.query("set time_zone = '+08:00'");
    await connection.end();
  }, 120_000);
  afterAll(async () => {
    await db?.close();
    await server?.destroy();
  });

  test("ends as from SQLite, run once or twice", { timeout: 60_000 }, async () => {
    const { report } = await runImport(db, server.url);
    expect(report.users).toEqual({ read: 10, imported: 10, already: 0, refused: 0 });
    expect(report.source).toBe(`MySQL database meiduo at ${new URL(server.url).host}`);
    expect(await contents(db)).toEqual(await fromSqlite());
    const again = await runImport(db, server.url.replace("mysql:", "mariadb:"));
    expect(again.report.users).toMatchObject({ imported: 0, already: 10 });
    expect(await contents(db)).toEqual(await fromSqlite());
  });

  test("writes nothing to the source, whatever the rights of its user", async () => {
    const connection = await createConnection({ uri: server.url });
    const [rows] = await connection.query("checksum table tb_users, tb_oauth_user");
    await runImport(db, server.url);
    const [after] = await connection.query("checksum table tb_users, tb_oauth_user");
    await connection.end();
    expect(after).toEqual(rows);
  });
});

describeWhere(hasProductionEngines)("from PostgreSQL", () => {
  test("ends as from SQLite", { timeout: 60_000 }, async () => {
    const url = await freshPostgresUrl();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const typeOf = (type: string) =>
      type === "datetime" ? "timestamptz" : type === "bool" ? "boolean" : type;
    await client.query("set time zone 'UTC'");
    for (const { table, columns, rows } of recorded()) {
      const list = columns.map(({ name, type }) => `"${name}" ${typeOf(type)}`).join(", ");
      await client.query(`create table ${table} (${list})`);
      for (const row of rows) {
        const marks = columns.map((_, index) => `$${index + 1}`).join(", ");
        const values = columns.map(({ name, type }) => (type === "bool" ? row[name] === 1 : row[name]));
        await client.query(`insert into ${table} values (${marks})`, values);
      }
    }
    // What a session sees by default is the site's own zone; the importer must not.
    await client.query(
      "do $$ begin execute format('alter database %I set timezone to %L', current_database(), 'Asia/Shanghai'); end $$",
    );
    await client.end();
    const db = await temporarySqlite();
    try {
      const { report } = await runImport(db, url);
      expect(report.users).toEqual({ read: 10, imported: 10, already: 0, refused: 0 });
      expect(await contents(db)).toEqual(await fromSqlite());
    } finally {
      await db.close();
    }
  });
});
