import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/** Groups and permissions, as Django's auth has them, and the audit log. */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  const idType = engine === "sqlite" ? "integer" : "bigint";
  const withId = (table: string) =>
    db.schema
      .createTable(table)
      .addColumn("id", idType, (column) =>
        engine === "sqlite"
          ? column.primaryKey().autoIncrement()
          : column.primaryKey().generatedByDefaultAsIdentity(),
      );

  await withId("permissions")
    .addColumn("app", "varchar(100)", (column) => column.notNull())
    // Django keys a permission by its model too; empty for those an operator made up.
    .addColumn("model", "varchar(100)", (column) => column.notNull().defaultTo(""))
    .addColumn("codename", "varchar(100)", (column) => column.notNull())
    .addColumn("name", "varchar(255)", (column) => column.notNull())
    .addUniqueConstraint("permissions_unique", ["app", "codename", "model"])
    .execute();

  await withId("groups")
    .addColumn("name", "varchar(150)", (column) => column.notNull())
    .addUniqueConstraint("groups_name_unique", ["name"])
    .execute();

  const pairs = [
    ["group_permissions", "group_id", "groups", "permission_id", "permissions"],
    ["user_groups", "user_id", "users", "group_id", "groups"],
    ["user_permissions", "user_id", "users", "permission_id", "permissions"],
  ] as const;
  for (const [table, left, leftTable, right, rightTable] of pairs) {
    await db.schema
      .createTable(table)
      .addColumn(left, "bigint", (column) =>
        column.notNull().references(`${leftTable}.id`).onDelete("cascade"),
      )
      .addColumn(right, "bigint", (column) =>
        column.notNull().references(`${rightTable}.id`).onDelete("cascade"),
      )
      .addPrimaryKeyConstraint(`${table}_pkey`, [left, right])
      .$call((made) => (engine === "sqlite" ? made.modifyEnd(sql`without rowid`) : made))
      .execute();
    await db.schema.createIndex(`${table}_${right}_index`).on(table).column(right).execute();
  }

  // No reference to users: what somebody did stays readable when the account is gone.
  await withId("audit_entries")
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("actor_id", "bigint")
    .addColumn("actor", "varchar(150)", (column) => column.notNull())
    .addColumn("action", "varchar(60)", (column) => column.notNull())
    .addColumn("target_kind", "varchar(30)", (column) => column.notNull())
    .addColumn("target_id", "bigint", (column) => column.notNull())
    .addColumn("target", "varchar(255)", (column) => column.notNull())
    .addColumn("before", "text", (column) => column.notNull())
    .addColumn("after", "text", (column) => column.notNull())
    .addColumn("request_id", "varchar(64)")
    .execute();
  await db.schema
    .createIndex("audit_entries_target_index")
    .on("audit_entries")
    .columns(["target_kind", "target_id", "id"])
    .execute();
  await db.schema
    .createIndex("audit_entries_actor_index")
    .on("audit_entries")
    .columns(["actor_id", "id"])
    .execute();
}
