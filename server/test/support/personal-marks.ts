import { personalTables } from "../../src/app/personal-data.ts";
import type { Db } from "../../src/engines/database/database.ts";
import type { Column, PersonalTable } from "../../src/rights/personal-table.ts";

/**
 * Rows of a person in every table of app/personal-data.ts, made from that list: a new table or column has its values here without another
 * line, or the insert fails. What is fixed below is what the schema or the product holds to a few values, and what refers to other rows.
 */
export interface ColumnAt {
  readonly table: string;
  readonly name: string;
  readonly how: Column;
  readonly isText: boolean;
}

export type MakeValue = (column: ColumnAt) => string | number | null;
export type MadeRow = Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, unknown>>;

/** What rows of a person refer to. */
export interface Around {
  readonly groupId: number;
  readonly permissionId: number;
  readonly endpointId: number;
  readonly runId: string;
}

const fixedOf = ({ groupId, permissionId, endpointId, runId }: Around): Readonly<Record<string, Values>> => ({
  users: {
    ...{ is_active: 1, is_staff: 0, is_superuser: 0, email_verified: 1, password_trimmed: 0 },
    ...{ deletion_due_at: null, erasure_begun_at: null },
  },
  avatars: { store: "database", due_at: null },
  held_names: { kind: "username" },
  address_changes: { field: "email" },
  delivery_addresses: { is_default: 0 },
  bindings: { provider: "qq" },
  account_joins: { joined_by: "owner" },
  user_groups: { group_id: groupId },
  user_permissions: { permission_id: permissionId },
  // One that lives would keep the account.
  deletion_holds: { held_until: 1 },
  // The product writes who it was by the id alone (staff-traces.test.ts has it do so).
  disablings: { disabled_by: "user#9" },
  user_notes: { author: "user#9" },
  bulk_runs: { actor: "user#9" },
  bulk_run_accounts: { run_id: runId },
  // Somebody else's address, and a row that goes with its maker.
  invitations: { group_id: groupId, email: null },
  mails: { state: "accepted", kind: "new_device" },
  webhook_deliveries: { endpoint_id: endpointId, state: "delivered", body: "{}", type: "user.updated" },
});

/** Columns that another one of the same row stands for, or that only a join shows. */
const joined: Readonly<Record<string, readonly string[]>> = {
  user_groups: ["name"],
  user_permissions: ["app", "codename"],
};

const owners: Readonly<Record<string, string>> = {
  ...{ users: "id", invitations: "maker_id", bulk_runs: "actor_id" },
};
const ownerOf = (table: string) => owners[table] ?? "user_id";

/** Every personal table but the audit log, whose rows have two persons. */
export const ownTables = personalTables.filter(({ table }) => table !== "audit_entries");

/** Which columns hold text, by `table.column`, as the database has it. */
async function textColumns(db: Db): Promise<ReadonlySet<string>> {
  const tables = await db.kysely.introspection.getTables();
  const columns = tables.flatMap(({ name, columns: of }) => of.map((column) => ({ table: name, ...column })));
  return new Set(
    columns.filter(({ dataType }) => !/int/i.test(dataType)).map(({ table, name }) => `${table}.${name}`),
  );
}

/** What makes rows, once the database is there. */
export async function personalRows(db: Db, around: Around) {
  const isText = await textColumns(db);
  const fixed = fixedOf(around);

  /** A row with a value of `make` wherever nothing fixes it. `owner`: null for a new account's own row. */
  function rowOf({ table, columns }: PersonalTable, owner: number | null, make: MakeValue): MadeRow {
    const row: Record<string, unknown> = {};
    for (const [name, how] of Object.entries(columns)) {
      if (joined[table]?.includes(name)) continue;
      const column = { table, name, how, isText: isText.has(`${table}.${name}`) };
      if (name === ownerOf(table)) {
        if (owner !== null) row[name] = owner;
      } else if (fixed[table] !== undefined && name in fixed[table]) row[name] = fixed[table][name];
      // A number that the database gives.
      else if (name === "id" && !column.isText) continue;
      else row[name] = make(column);
    }
    return row;
  }

  return {
    rowOf,
    /** Inserts it; returns what the table has then. */
    async insert(table: string, row: MadeRow): Promise<MadeRow> {
      const into = db.kysely.insertInto(table as "sessions").values(row as never);
      return (await into.returningAll().executeTakeFirstOrThrow()) as MadeRow;
    },
  };
}

/** Something that a person's rows refer to. */
export async function seedAround(db: Db): Promise<Around> {
  const { kysely } = db;
  const { id: groupId } = await kysely
    .insertInto("groups")
    .values({ name: "everybody-s group" })
    .returning("id")
    .executeTakeFirstOrThrow();
  const { id: permissionId } = await kysely.selectFrom("permissions").select("id").executeTakeFirstOrThrow();
  const { id: endpointId } = await kysely
    .insertInto("webhook_endpoints")
    .values({
      ...{ url: "https://shop.example/hook", events: "webhook.test", state: "off", sealed: "sealed" },
      ...{ created_at: 1, updated_at: 1, paused_until: 0 },
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const runId = "everybody-s-run";
  await kysely
    .insertInto("bulk_runs")
    .values({
      ...{ id: runId, actor_id: null, actor: "(nobody)", action: "disable", reason: "junk accounts" },
      ...{ group_id: null, total: 1, started_at: 1, finished_at: 1 },
    })
    .execute();
  return { groupId, permissionId, endpointId, runId };
}
