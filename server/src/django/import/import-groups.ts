import type { Db } from "../../engines/database/database.ts";
import type { DjangoReader, Row } from "../sources/django-reader.ts";
import type { DjangoTables } from "../sources/django-tables.ts";
import type { Finding, Tally } from "../sources/import-report.ts";

/**
 * Permissions and groups of a Django database. Permissions are matched by (app, codename, model), as Django's
 * own natural keys do, because each database numbers them differently; groups keep their ids where those are
 * free. A group that is here already is left as it is, members and permissions included: who was taken out of
 * it here must not come back with the next import. Both fit in memory: they are counted in hundreds.
 */
/** What an export writes as the model of a permission that has none. */
export const modelOfNone = "madebyoperator";

export interface GroupMaps {
  /** The source's ids to ours. In a dry run ours may not exist yet. */
  readonly permissions: ReadonlyMap<number, number>;
  readonly groups: ReadonlyMap<number, number>;
}

interface KnownPermissions {
  readonly ids: Map<number, number>;
  /** `<app>.<codename>` by our id. */
  readonly titles: Map<number, string>;
}

export interface GroupImport {
  readonly reader: DjangoReader;
  readonly tables: DjangoTables;
  readonly dryRun: boolean;
  readonly permissions: Tally;
  readonly groups: Tally;
  readonly note: (finding: Finding) => void;
}

export async function importPermissionsAndGroups(db: Db, job: GroupImport): Promise<GroupMaps> {
  const permissions = await importPermissions(db, job);
  const groups = await importGroups(db, job, permissions);
  return { permissions: permissions.ids, groups };
}

async function importPermissions(
  db: Db,
  { reader, tables, dryRun, permissions: tally }: GroupImport,
): Promise<KnownPermissions> {
  const ids = new Map<number, number>();
  const titles = new Map<number, string>();
  const know = (sourceId: number, id: number, title: string) => {
    ids.set(sourceId, id);
    titles.set(id, title);
  };
  if (!tables.permissions) return { ids, titles };
  const rows = await reader.all(
    `select p.id as id, p.codename as codename, p.name as name, t.app_label as app, t.model as model
       from auth_permission p join django_content_type t on t.id = p.content_type_id order by p.id`,
  );
  const existing = await db.kysely.selectFrom("permissions").selectAll().execute();
  const known = new Map(existing.map((row) => [`${row.app} ${row.codename} ${row.model}`, row.id]));
  for (const row of rows) {
    tally.read++;
    const values = {
      app: String(row.app).slice(0, 100),
      model: row.model === modelOfNone ? "" : String(row.model ?? "").slice(0, 100),
      codename: String(row.codename).slice(0, 100),
      name: String(row.name ?? "").slice(0, 255),
    };
    const sourceId = Number(row.id);
    const title = `${values.app}.${values.codename}`;
    const have = known.get(`${values.app} ${values.codename} ${values.model}`);
    if (have !== undefined) {
      tally.already++;
      know(sourceId, have, title);
      continue;
    }
    tally.imported++;
    if (dryRun) know(sourceId, -sourceId, title);
    else {
      const { id } = await db.kysely
        .insertInto("permissions")
        .values(values)
        .returning("id")
        .executeTakeFirstOrThrow();
      know(sourceId, id, title);
    }
  }
  return { ids, titles };
}

async function importGroups(db: Db, job: GroupImport, { ids: permissions, titles }: KnownPermissions) {
  const { reader, tables, dryRun, groups: tally, note } = job;
  const ids = new Map<number, number>();
  if (!tables.groups) return ids;
  const existing = await db.kysely.selectFrom("groups").selectAll().execute();
  const byName = new Map(existing.map((group) => [group.name, group.id]));
  const taken = new Set(existing.map((group) => group.id));
  const grants = tables.groupPermissions
    ? await reader.all("select group_id, permission_id from auth_group_permissions order by group_id")
    : [];
  const granted = Map.groupBy(grants, (row: Row) => Number(row.group_id));
  const heldHere = await db.kysely.selectFrom("group_permissions").selectAll().execute();
  const held = new Set(heldHere.map((row) => `${row.group_id} ${row.permission_id}`));
  /** What the source grants to the group, as ours; what refers to nothing is reported. */
  const wantedBy = (sourceId: number, name: string) =>
    [...new Set((granted.get(sourceId) ?? []).map((grant) => Number(grant.permission_id)))].flatMap((id) => {
      const ours = permissions.get(id);
      if (ours !== undefined) return [ours];
      note({ kind: "orphan", table: "groups", id: sourceId, name, detail: `refers to permission #${id}` });
      return [];
    });
  for (const row of await reader.all("select id, name from auth_group order by id")) {
    tally.read++;
    const sourceId = Number(row.id);
    const name = String(row.name).slice(0, 150);
    const here = byName.get(name);
    if (here !== undefined) {
      tally.already++;
      ids.set(sourceId, here);
      const more = wantedBy(sourceId, name).filter((permission) => !held.has(`${here} ${permission}`));
      if (more.length > 0) {
        const detail = more.map((permission) => titles.get(permission)).join(", ");
        note({ kind: "group_differs", table: "groups", id: sourceId, name, detail });
      }
      continue;
    }
    tally.imported++;
    const isFree = !taken.has(sourceId);
    if (!isFree) note({ kind: "group_renumbered", table: "groups", id: sourceId, name, detail: "" });
    if (dryRun) {
      wantedBy(sourceId, name);
      ids.set(sourceId, isFree ? sourceId : -sourceId);
      continue;
    }
    const { id } = await db.kysely
      .insertInto("groups")
      .values(isFree ? { id: sourceId, name } : { name })
      .returning("id")
      .executeTakeFirstOrThrow();
    ids.set(sourceId, id);
    taken.add(id);
    const pairs = wantedBy(sourceId, name).map((permission_id) => ({ group_id: id, permission_id }));
    if (pairs.length > 0) await db.kysely.insertInto("group_permissions").values(pairs).execute();
  }
  return ids;
}
