import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { type DjangoReader, SourceError } from "./django-reader.ts";
import { readerOf } from "./django-sqlite.ts";
import { createDumpBindings, type DumpBindings, sqlValue } from "./dump-bindings.ts";
import { dumpText } from "./dump-text.ts";
import { jsonObjects } from "./json-objects.ts";
import { openScratchDatabase } from "./scratch-database.ts";

/**
 * Reads what `manage.py dumpdata` wrote, as JSON or JSON lines, with or without --natural-foreign and
 * --natural-primary. The file is spread, in one pass, over a temporary SQLite database with Django's own
 * tables, so that everything after it is the same as for a live database.
 */
export async function openDumpdataReader(file: string): Promise<DjangoReader> {
  if (!existsSync(file)) throw new SourceError(`没有文件 ${file}。`, `There is no file ${file}.`);
  const { database, close } = openScratchDatabase();
  const dump = new Dump(database);
  try {
    database.exec("begin");
    for await (const object of jsonObjects(dumpText(file))) dump.add(object as DumpObject);
    dump.finish();
    database.exec("commit; begin");
  } catch (error) {
    close();
    if (error instanceof SourceError) throw error;
    const reason = (error as Error).message;
    throw new SourceError(
      `${file} 不是 dumpdata 文件：${reason}`,
      `${file} is not a dumpdata file: ${reason}`,
    );
  }
  const reader = readerOf(database, `dumpdata file ${file}`);
  return { ...reader, unread: dump.unread, close: async () => close() };
}

interface DumpObject {
  readonly model: string;
  readonly pk?: number | string | null;
  readonly fields: Record<string, unknown>;
}

const tables = `
  create table django_content_type (id integer primary key, app_label text, model text, unique (app_label, model));
  create table auth_permission (id integer primary key, content_type_id integer, codename text, name text);
  create unique index permission_key on auth_permission (content_type_id, codename);
  create table auth_group (id integer primary key, name text unique);
  create table auth_group_permissions (id integer primary key, group_id integer, permission_id integer);
  create table tb_users (id integer primary key, password, last_login, is_superuser, username, first_name,
    last_name, email, is_staff, is_active, date_joined, mobile, email_active);
  create table tb_users_groups (id integer primary key, user_id integer, group_id integer);
  create table tb_users_user_permissions (id integer primary key, user_id integer, permission_id integer);
  create table extra_values (name, user_id integer, value, primary key (name, user_id)) without rowid;
  create index group_user on tb_users_groups (user_id);
  create index permission_user on tb_users_user_permissions (user_id);
`;

const names = ["password", "last_login", "is_superuser", "username", "first_name", "last_name", "email"];
names.push("is_staff", "is_active", "date_joined", "mobile", "email_active");
const userFields = new Set([...names, "groups", "user_permissions", "id"]);

/** References by primary key can come before what they refer to; by natural key they can't in Django either. */
class Dump {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  readonly #bindings: DumpBindings;
  readonly #extraFields = new Set<string>();
  /** Objects of models that nothing here reads. */
  readonly unread = new Map<string, number>();
  #users = 0;

  constructor(database: DatabaseSync) {
    database.exec(tables);
    this.#database = database;
    this.#bindings = createDumpBindings(database);
  }

  add({ model, pk, fields }: DumpObject): void {
    if (typeof model !== "string" || typeof fields !== "object" || fields === null) {
      throw new SyntaxError("an object has no model or no fields");
    }
    if (model === "contenttypes.contenttype") {
      if (pk == null) this.#contentType([fields.app_label, fields.model]);
      else
        this.#run(
          "insert or replace into django_content_type values (?, ?, ?)",
          pk,
          fields.app_label,
          fields.model,
        );
    } else if (model === "auth.permission") {
      const type = this.#contentType(fields.content_type);
      const id = pk ?? null;
      this.#run(
        "insert or replace into auth_permission values (?, ?, ?, ?)",
        id,
        type,
        fields.codename,
        fields.name,
      );
    } else if (model === "auth.group") this.#group(pk, fields);
    else if ("password" in fields && "username" in fields && "is_superuser" in fields) {
      this.#user(pk, fields);
    } else if (!this.#bindings.add(model, pk, fields, (user) => this.#userId(user))) {
      this.unread.set(model, (this.unread.get(model) ?? 0) + 1);
    }
  }

  finish(): void {
    if (this.#users === 0) {
      throw new SourceError(
        "文件里没有账号（没有带账号字段的对象）。",
        "The file holds no users (no object with user fields).",
      );
    }
    // As columns, so that they are read, or reported, as those of a live database are.
    for (const name of this.#extraFields) {
      const column = `"${name.replaceAll('"', '""')}"`;
      this.#database.exec(`alter table tb_users add column ${column}`);
      const values = "select value from extra_values where name = ? and user_id = tb_users.id";
      this.#database.prepare(`update tb_users set ${column} = (${values})`).run(name);
    }
  }

  #group(pk: DumpObject["pk"], fields: DumpObject["fields"]): void {
    this.#run("insert into auth_group values (?, ?)", pk ?? null, fields.name);
    const id = pk ?? this.#one("select id from auth_group where name = ?", fields.name);
    for (const permission of list(fields.permissions)) {
      const target = this.#permissionId(permission);
      this.#run("insert into auth_group_permissions (group_id, permission_id) values (?, ?)", id, target);
    }
  }

  #user(pk: DumpObject["pk"], fields: DumpObject["fields"]): void {
    this.#users++;
    for (const name of Object.keys(fields)) {
      // SQLite takes 2,000 columns; no model has as many.
      if (!userFields.has(name) && this.#extraFields.size < 200) this.#extraFields.add(name.slice(0, 100));
    }
    const marks = names.map(() => "?").join(", ");
    this.#run(
      `insert into tb_users values (?, ${marks})`,
      pk ?? null,
      ...names.map((name) => fields[name] ?? null),
    );
    const id = pk ?? this.#one("select last_insert_rowid() as id");
    for (const [name, value] of Object.entries(fields)) {
      if (value === null || typeof value === "object" || !this.#extraFields.has(name)) continue;
      this.#run("insert or replace into extra_values values (?, ?, ?)", name, id, value);
    }
    for (const group of list(fields.groups)) {
      const target = Array.isArray(group) ? this.#groupId(group[0]) : group;
      this.#run("insert into tb_users_groups (user_id, group_id) values (?, ?)", id, target);
    }
    for (const permission of list(fields.user_permissions)) {
      const target = this.#permissionId(permission);
      this.#run("insert into tb_users_user_permissions (user_id, permission_id) values (?, ?)", id, target);
    }
  }

  #userId(reference: unknown): unknown {
    if (!Array.isArray(reference)) return reference;
    return this.#one("select id from tb_users where username = ?", reference[0]);
  }

  /** A dump of the accounts alone names their groups without holding them: those that are here already are meant. */
  #groupId(name: unknown): unknown {
    const known = this.#one("select id from auth_group where name = ?", name);
    if (known !== null) return known;
    this.#run("insert into auth_group values (null, ?)", name);
    return this.#one("select id from auth_group where name = ?", name);
  }

  #permissionId(reference: unknown): unknown {
    if (!Array.isArray(reference)) return reference;
    const [codename, ...type] = reference;
    const typeId = this.#contentType(type);
    const known = this.#one(
      "select id from auth_permission where content_type_id = ? and codename = ?",
      typeId,
      codename,
    );
    if (known !== null) return known;
    // Named by a natural key without being in the file: Django has it from its own migrations.
    const title = String(codename).replaceAll("_", " ");
    this.#run(
      "insert into auth_permission values (null, ?, ?, ?)",
      typeId,
      codename,
      `Can ${title}`.slice(0, 255),
    );
    return this.#one(
      "select id from auth_permission where content_type_id = ? and codename = ?",
      typeId,
      codename,
    );
  }

  #contentType(reference: unknown): unknown {
    if (!Array.isArray(reference)) return reference;
    this.#run(
      "insert or ignore into django_content_type values (null, ?, ?)",
      reference[0],
      reference[1] ?? "",
    );
    return this.#one(
      "select id from django_content_type where app_label = ? and model = ?",
      reference[0],
      reference[1] ?? "",
    );
  }

  #prepare(sql: string) {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #run(sql: string, ...values: unknown[]): void {
    this.#prepare(sql).run(...values.map(sqlValue));
  }

  #one(sql: string, ...values: unknown[]): unknown {
    return (this.#prepare(sql).get(...values.map(sqlValue)) as { id: number } | undefined)?.id ?? null;
  }
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
