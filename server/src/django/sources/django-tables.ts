import type { ExtraField } from "../../accounts/extra-field.ts";
import { type BindingTable, findBindingTables } from "./binding-tables.ts";
import { type FieldColumns, readFieldColumns, withNamedAlike } from "./django-fields.ts";
import { type DjangoReader, SourceError } from "./django-reader.ts";

/**
 * Finds the account tables of a Django database by their columns, because AUTH_USER_MODEL may call its table
 * anything: the original says `tb_users`, a plain project `auth_user`.
 */
export interface DjangoTables {
  readonly users: string;
  readonly userColumns: ReadonlySet<string>;
  /** Columns of the users table that have no place here; reported. */
  readonly unknownColumns: readonly string[];
  /** Those of the declared fields and the nickname. */
  readonly fieldColumns: FieldColumns;
  readonly userGroups: LinkTable | null;
  readonly userPermissions: LinkTable | null;
  readonly groups: boolean;
  readonly groupPermissions: boolean;
  readonly permissions: boolean;
  readonly bindings: readonly BindingTable[];
  /** Reported; see binding-tables.ts. */
  readonly unsureBindings: readonly string[];
}

export interface LinkTable {
  readonly table: string;
  readonly userColumn: string;
}

const essential = ["id", "password", "username", "is_superuser", "is_staff", "is_active", "date_joined"];
export const knownUserColumns = [
  ...essential,
  "last_login",
  "first_name",
  "last_name",
  "email",
  "mobile",
  "email_active",
];

/** What the operator says of the source. */
export interface Chosen {
  readonly usersTable?: string | undefined;
  readonly bindingTables?: readonly string[] | undefined;
  /** `<field>=<column>`; see django-fields.ts. */
  readonly fields?: readonly string[] | undefined;
  /** Of SIGN_UP_FIELDS. */
  readonly declared?: readonly ExtraField[];
}

/** Throws SourceError when there is no users table, or several and none was chosen. */
export async function findDjangoTables(
  reader: DjangoReader,
  { usersTable: chosen, bindingTables: chosenBindings = [], fields = [], declared = [] }: Chosen = {},
): Promise<DjangoTables> {
  const tables = await reader.tables();
  const has = (table: string, ...columns: string[]) =>
    columns.every((column) => tables.get(table)?.has(column));
  const candidates = [...tables.keys()].filter((table) => has(table, ...essential)).sort();
  const users = chosen ?? (candidates.length === 1 ? candidates[0] : undefined);
  if (users === undefined) {
    const [names, columns] = [candidates.join(", "), essential.join(", ")];
    throw candidates.length === 0
      ? new SourceError(
          `${reader.description} 中没有带 Django 账号各列（${columns}）的表。`,
          `${reader.description} has no table with the columns of Django's users (${columns}).`,
        )
      : new SourceError(
          `有多个表像 Django 的账号表：${names}。请用 --users-table 选择。`,
          `Several tables look like Django's users: ${names}. Choose one with --users-table.`,
        );
  }
  if (!has(users, ...essential)) {
    const columns = essential.join(", ");
    throw new SourceError(
      `没有表 ${users}，或它不是账号表（${columns}）。`,
      `The table ${users} is missing, or is not a users table (${columns}).`,
    );
  }
  const userColumns = tables.get(users)!;
  const { bindings, unsure } = findBindingTables(tables, chosenBindings);
  const fieldColumns = withNamedAlike(readFieldColumns(fields, declared), declared, {
    ...{ columns: userColumns, own: knownUserColumns },
  });
  const known = new Set([...knownUserColumns, ...fieldColumns.values()]);
  return {
    users,
    userColumns,
    fieldColumns,
    unknownColumns: [...userColumns].filter((column) => !known.has(column)),
    userGroups: link(tables, `${users}_groups`, "group_id"),
    userPermissions: link(tables, `${users}_user_permissions`, "permission_id"),
    groups: has("auth_group", "id", "name"),
    groupPermissions: has("auth_group_permissions", "group_id", "permission_id"),
    permissions:
      has("auth_permission", "id", "codename", "content_type_id") && has("django_content_type", "id"),
    bindings,
    unsureBindings: unsure,
  };
}

function link(tables: Map<string, ReadonlySet<string>>, table: string, other: string): LinkTable | null {
  const columns = tables.get(table);
  if (!columns?.has(other)) return null;
  const userColumn = [...columns].find(
    (column) => column !== other && column !== "id" && column.endsWith("_id"),
  );
  return userColumn === undefined ? null : { table, userColumn };
}
