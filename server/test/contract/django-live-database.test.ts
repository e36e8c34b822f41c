import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SourceError } from "../../src/django/sources/django-reader.ts";
import { openDjangoSource } from "../../src/django/sources/open-source.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { djangoSchema } from "../support/django-database.ts";
import { contents, runImport } from "../support/django-import.ts";
import { type EngineServer, startPostgres } from "../support/engines.ts";
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

describeWhere(mariadbMissing === null)("from a MySQL that takes TLS only", () => {
  const certificate = fileURLToPath(new URL("../fixtures/localhost-cert.pem", import.meta.url));
  const key = fileURLToPath(new URL("../fixtures/localhost-key.pem", import.meta.url));
  let server: EngineServer;
  beforeAll(async () => {
    server = await startMariadb({ certificate, key });
    const connection = await createConnection({
      uri: server.url,
      multipleStatements: true,
      ssl: { rejectUnauthorized: false },
    });
    await connection.query(djangoSchema.replaceAll('"', "`"));
    await connection.query("set sql_mode = ''");
    const row = "1, 'x', null, 0, '全民😀', '', '', '', 0, 1, '0000-00-00 00:00:00', null";
    await connection.query(`insert into tb_users values (${row})`);
    await connection.end();
  }, 120_000);
  afterAll(() => server?.destroy());
  const open = (query: string, host = "localhost") =>
    openDjangoSource(`${server.url.replace("127.0.0.1", host)}${query}`);

  test.each(["?ssl-mode=REQUIRED", `?ssl-mode=VERIFY_CA&ssl-ca=${certificate}`, `?ssl-ca=${certificate}`])(
    "reads with %s",
    async (query) => {
      const reader = await open(query);
      const rows = await reader.all("select username from tb_users");
      const [cipher] = await reader.all("show session status like 'Ssl_cipher'");
      await reader.close();
      expect(rows).toEqual([{ username: "全民😀" }]);
      expect(cipher?.Value).toMatch(/^TLS/);
    },
  );

  test.each([
    ["", /Access denied|insecure transport/],
    ["?ssl-mode=VERIFY_IDENTITY", /self-signed/],
    [`?ssl-mode=VERIFY_CA&ssl-ca=${fileURLToPath(new URL("../../../package.json", import.meta.url))}`, /./],
  ])("is refused with %j, and says why", async (query, reason) => {
    const failure = await open(query).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SourceError);
    expect((failure as Error).message).toMatch(reason);
  });

  test("a zero date is named and stored as none", async () => {
    const db = await temporarySqlite();
    try {
      const { kinds } = await runImport(db, `${server.url}?ssl-mode=REQUIRED`);
      expect(kinds).toEqual(["bad_time", "broken_hash"]);
    } finally {
      await db.close();
    }
  });
});

describe("a source that goes away while it is read", () => {
  const engines = [
    ["MySQL", mariadbMissing === null, startMariadb],
    ["PostgreSQL", hasProductionEngines, startPostgres],
  ] as const;
  describe.each(engines.filter(([, isThere]) => isThere))("%s", (_name, _isThere, start) => {
    test("is a failure in one sentence, and neither ends the process nor hangs it", {
      timeout: 120_000,
    }, async () => {
      const server = await start();
      try {
        // The port answers a moment before PostgreSQL does.
        const reader = await vi.waitFor(() => openDjangoSource(server.url), { timeout: 20_000 });
        expect(await reader.all("select 1 as one")).toHaveLength(1);
        await server.stop();
        const failure = await reader.all("select 1 as one").catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(SourceError);
        expect((failure as SourceError).en).toMatch(/^Reading .* failed: .+it goes on where it was\.$/);
        await reader.close();
      } finally {
        await server.destroy();
      }
    });
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
