import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { tables as retained } from "../../../scripts/retention.ts";
import { impersonal, personalTables } from "../../src/app/personal-data.ts";
import { exportTexts } from "../../src/words/export-texts.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Nothing is kept of a person that no export shows and no erasure clears: every table and every column is named. */
let site: TestApp;
let schema: ReadonlyMap<string, readonly string[]>;

interface SchemaColumn {
  readonly table_name: string;
  readonly column_name: string;
}

beforeAll(async () => {
  site = await startTestApp();
  const isPostgres = site.app.db.engine === "postgres";
  const ask = isPostgres
    ? sql<SchemaColumn>`select table_name, column_name from information_schema.columns where table_schema = current_schema()`
    : sql<SchemaColumn>`select m.name as table_name, c.name as column_name from sqlite_master m, pragma_table_info(m.name) c
        where m.type = 'table' and m.name not like 'sqlite_%'`;
  const { rows } = await ask.execute(site.app.db.kysely);
  const byTable = Map.groupBy(rows, (row) => row.table_name);
  schema = new Map([...byTable].map(([name, columns]) => [name, columns.map((one) => one.column_name)]));
});
afterAll(() => site.close());

const named = new Map<string, (typeof personalTables)[number]>(personalTables.map((one) => [one.table, one]));
/** An erasure clears the one of the person's, and the other holds the ids of those who are gone. */
const withIds = new Set(["mailbox_messages", "deleted_accounts"]);
/** What a column of a person is called. */
const personal =
  /^(user_id|maker_id|actor_id|email|mobile|username|nickname|first_name|last_name|to_address|to_key)$/;

/** What the list says nothing of. */
function unnamed(found: ReadonlyMap<string, readonly string[]>): string[] {
  return [...found].flatMap(([table, columns]) => {
    const contributor = named.get(table);
    if (contributor !== undefined) {
      return columns.filter((name) => !(name in contributor.columns)).map((name) => `${table}.${name}`);
    }
    const hasPerson = !withIds.has(table) && columns.some((name) => personal.test(name));
    return table in impersonal && !hasPerson ? [] : [table];
  });
}

describe("what is kept of people", () => {
  it("is all named: each table, and each column of what is somebody's", () => {
    expect(schema.size).toBeGreaterThan(30);
    expect(unnamed(schema)).toEqual([]);
  });

  it("a new table, a new column and a person's column in a table of nobody's are found", () => {
    const columns = schema.get("consents")!;
    const grown = new Map([
      ...schema,
      ["wallet", ["user_id", "balance"]],
      ["consents", [...columns, "signature"]],
      ["groups", ["id", "name", "user_id"]],
    ] as const);
    expect(unnamed(grown).toSorted()).toEqual(["consents.signature", "groups", "wallet"]);
  });

  it("names nothing that is not there", () => {
    const joined = new Set(["user_groups.name", "user_permissions.app", "user_permissions.codename"]);
    const gone = personalTables.flatMap(({ table, columns }) =>
      Object.keys(columns)
        .filter((name) => !schema.get(table)?.includes(name))
        .map((name) => `${table}.${name}`),
    );
    expect(gone.filter((name) => !joined.has(name))).toEqual([]);
    expect([...Object.keys(impersonal)].filter((table) => !schema.has(table))).toEqual([]);
  });
});

test("docs/retention.md says of each personal table that its owner's export has it, or that it has nothing to show", () => {
  for (const { table, columns } of personalTables) {
    const row = retained.find(({ name }) => name === table)!;
    const isShown = Object.values(columns).some((how) => typeof how === "string");
    expect([table, /owner’s export/.test(row.hands.en)]).toEqual([table, isShown]);
  }
});

// A key without a text makes the job fail that packs everybody's export.
test("the export's page has a heading for each table and a word for each column that it shows", () => {
  const keys = personalTables.flatMap(({ table, columns }) => {
    const shown = Object.keys(columns).filter((name) => typeof columns[name] === "string");
    return shown.length === 0 ? [] : [`table.${table}`, ...shown.map((name) => `column.${name}`)];
  });
  expect(keys.filter((key) => !(key in exportTexts))).toEqual([]);
});

test("what goes with the account goes by a foreign key", async () => {
  const cascading = personalTables.filter(({ erasure }) => erasure === "cascade").map(({ table }) => table);
  const asked =
    site.app.db.engine === "postgres"
      ? sql<{ name: string }>`select conrelid::regclass::text as name from pg_constraint
          where contype = 'f' and confdeltype = 'c' and confrelid = 'users'::regclass`
      : sql<{ name: string }>`select m.name from sqlite_master m, pragma_foreign_key_list(m.name) f
          where m.type = 'table' and f."table" = 'users' and f.on_delete = 'CASCADE'`;
  const { rows } = await asked.execute(site.app.db.kysely);
  const found = new Set(rows.map(({ name }) => name));
  expect(cascading.filter((table) => !found.has(table))).toEqual([]);
});
