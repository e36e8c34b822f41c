import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { type Filled, filled } from "./tables.ts";
import { worn } from "./worn-tables.ts";

/** A table as it is filled: of a part of its rows numbers that no others of it have. */
interface Rows {
  readonly rows: number;
  readonly nowMillis: number;
  /** The numbers begin after this one. */
  readonly after: number;
}

const staffEvery = 1000;
const marks = `
  update users set is_staff = 1 where id % ${staffEvery} = 7;
  update users set is_superuser = 1 where id = 7;
  update users set is_active = 0 where id % 50 = 3;
  update users set deletion_due_at = {ahead}, deletion_asked_at = {ahead} where id % 100 = 1;
  insert into groups (id, name) values (1, 'many');
  insert into user_groups (user_id, group_id) select id, 1 from users where id % 10 < 9;
`;
const endpoint = (id: number) => `
  insert into webhook_endpoints (id, url, events, state, sealed, created_at, updated_at)
  values (${id}, 'https://hooks.example.com/${id}', '', 'off', '', 0, 0) on conflict do nothing`;

/** What the tables hold beside accounts and sessions. */
export function fillTables(database: string, how: Omit<Rows, "after">): Promise<void> {
  return onDatabase(database, async (run) => {
    await run(marks.replaceAll("{ahead}", String(how.nowMillis + 5 * 86_400_000)));
    await run(endpoint(1));
    await run(endpoint(2));
    for (const one of filled) await run(insertOf(one, { ...how, after: 0 }));
    // AUDIT_CHAIN goes on behind the entries that have a link.
    await run(`insert into audit_marks (name, entry_id) values ('chain', ${how.rows})`);
  });
}

/** What a run uses up: a group that has everybody, an endpoint's deliveries, and rows whose time is over. */
export function wearTables(database: string, how: Omit<Rows, "after">, run: number): Promise<void> {
  const part = Math.ceil(how.rows / 50);
  const after = how.rows + run * part;
  return onDatabase(database, async (execute) => {
    await execute("insert into groups (id, name) values (2, 'everybody') on conflict do nothing");
    await execute(
      "insert into user_groups (user_id, group_id) select id, 2 from users where true on conflict do nothing",
    );
    await execute(endpoint(3));
    const deliveries = filled.find(({ table }) => table === "webhook_deliveries")!;
    const ofThird = { ...deliveries, row: { ...deliveries.row, endpoint_id: "3" }, oneIn: 4 };
    await execute(insertOf(ofThird, { ...how, after: 0 }));
    for (const one of worn) await execute(insertOf(one, { ...how, rows: part, after }, how.rows));
    // One in a day, else.
    await execute("delete from data_exports where user_id = 7");
    await execute(
      `update users set deletion_due_at = ${how.nowMillis} where id % ${how.rows / 5} = ${20 + (run % 1000)}`,
    );
  });
}

function insertOf({ table, row, oneIn = 1 }: Filled, how: Rows, all = how.rows): string {
  // Of people there are so many, and no more.
  const values = { ...row, ...(row.user_id === "n" ? { user_id: `1 + n % ${all}` } : {}) };
  const numbers = `with recursive numbers(n) as (
    select cast(${how.after + 1} as bigint) union all select n + ${oneIn} from numbers where n + ${oneIn} <= ${how.after + how.rows})`;
  return `insert into ${table} (${Object.keys(values).join(", ")})
    ${numbers} select ${Object.values(values).join(", ")} from numbers where true on conflict do nothing`
    .replaceAll("{now}", String(how.nowMillis))
    .replaceAll("{rows}", String(all));
}

type Run = (sql: string) => Promise<void>;

async function onDatabase(database: string, work: (run: Run) => Promise<void>): Promise<void> {
  await (database.startsWith("sqlite:") ? onSqlite : onPostgres)(database, work);
}

async function onSqlite(database: string, work: (run: Run) => Promise<void>): Promise<void> {
  const db = new DatabaseSync(database.slice("sqlite:".length), {
    ...{ timeout: 60_000, enableForeignKeyConstraints: false },
  });
  db.exec("pragma cache_size = -400000; pragma synchronous = off");
  await work(async (sql) => db.exec(sql));
  // The product's own has no statistics either; with them SQLite would choose other indexes.
  db.exec("drop table if exists sqlite_stat1; drop table if exists sqlite_stat4");
  db.exec("pragma wal_checkpoint(truncate)");
  db.close();
}

async function onPostgres(database: string, work: (run: Run) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  // As in SQLite: what belongs to an account that was never there is no matter here.
  await client.query("set session_replication_role = replica");
  await work(async (sql) => void (await client.query(sql)));
  // What autovacuum does by and by.
  await client.query("vacuum analyze");
  await client.end();
}
