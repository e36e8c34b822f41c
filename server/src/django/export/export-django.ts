import { sql } from "kysely";
import type { ExtraFields } from "../../accounts/extra-fields.ts";
import type { Db } from "../../engines/database/database.ts";
import { modelOfNone } from "../import/import-groups.ts";
import { type FieldColumns, nicknameField } from "../sources/django-fields.ts";
import { djangoTime, exportBindings, note } from "./export-bindings.ts";

/**
 * Writes the accounts back as what `manage.py loaddata` accepts, in the order it needs: content types,
 * permissions, groups, users, bindings. Hashes are in Django's notation already, so everyone logs in there
 * again. Streams: memory does not grow with the number of accounts. The text holds every hash; whoever writes
 * it to a file makes it readable by its owner only.
 */
export interface ExportOptions {
  /** `app_label.model` of AUTH_USER_MODEL. */
  readonly userModel: string;
  /**
   * The models of third-party bindings, each taking those it has room for: one named after a provider (the classic
   * course's `oauth.oauthqquser`) that provider's, and has no loginType; any other all, and has one. None: no bindings.
   */
  readonly bindingModels: readonly string[];
  /**
   * What an account without a mobile number gets. The original's column is unique and not null, so with
   * `placeholder` the first one gets "" and every other "#<id>", which an import reads as none.
   */
  readonly missingMobile: "placeholder" | "null";
  /** False where the user model has no such column. */
  readonly hasMobile: boolean;
  /** Which fields of SIGN_UP_FIELDS, and the nickname, become which columns of the user model; none by default. */
  readonly fields?: FieldColumns;
  readonly extraFields?: Pick<ExtraFields, "declared" | "shown">;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ExportReport {
  permissions: number;
  groups: number;
  users: number;
  bindings: number;
  /** Bindings that none of the models has room for: their provider has no number there, or no model. */
  skippedBindings: number;
  /** Bindings that are written and that Django finds only if it looks for more than an openid; accounts by their ids. */
  readonly withoutOpenid: { readonly qq: FirstIds; readonly wechat: FirstIds };
  /** Hashes that Django's column has no room for; the first hundred accounts by their ids. */
  readonly longHashes: FirstIds;
  /** Numbers of other countries that the original's column has no room for; the first hundred accounts by their ids. */
  readonly longMobiles: FirstIds;
}

/** How many there are, and the first hundred. */
export interface FirstIds {
  count: number;
  readonly firstIds: number[];
}

/** AbstractBaseUser.password is varchar(128). All of ours fit; imported ones of other parameters may not. */
export const djangoHashLength = 128;

/** The original's mobile is varchar(11), a number of mainland China. Ours are written whole, in E.164 with its plus sign. */
export const djangoMobileLength = 11;

export const exportDefaults: ExportOptions = {
  userModel: "users.user",
  bindingModels: ["oauth.oauthuser"],
  missingMobile: "placeholder",
  hasMobile: true,
};

const pageSize = 1_000;

/** Yields pieces of the JSON text; returns what it wrote. */
export async function* exportDjango(
  db: Db,
  options: ExportOptions = exportDefaults,
): AsyncGenerator<string, ExportReport> {
  const report: ExportReport = {
    ...{ permissions: 0, groups: 0, users: 0, bindings: 0, skippedBindings: 0 },
    longHashes: { count: 0, firstIds: [] },
    longMobiles: { count: 0, firstIds: [] },
    withoutOpenid: { qq: { count: 0, firstIds: [] }, wechat: { count: 0, firstIds: [] } },
  };
  let separator = "[\n";
  const line = (object: object) => {
    const text = separator + JSON.stringify(object);
    separator = ",\n";
    return text;
  };

  const permissions = await db.kysely.selectFrom("permissions").selectAll().orderBy("id").execute();
  const naturalKeys = new Map(permissions.map((row) => [row.id, [row.codename, row.app, modelOf(row)]]));
  // Named by natural keys, without numbers: every Django database numbers its own.
  for (const key of new Set(permissions.map((row) => `${row.app} ${modelOf(row)}`))) {
    const [app_label, model] = key.split(" ");
    yield line({ model: "contenttypes.contenttype", fields: { app_label, model } });
  }
  for (const row of permissions) {
    report.permissions++;
    const content_type = [row.app, modelOf(row)];
    yield line({
      model: "auth.permission",
      fields: { name: row.name, content_type, codename: row.codename },
    });
  }

  const grants = await db.kysely
    .selectFrom("group_permissions")
    .selectAll()
    .orderBy("permission_id")
    .execute();
  const grantsOf = Map.groupBy(grants, ({ group_id }) => group_id);
  for (const { id, name } of await db.kysely.selectFrom("groups").selectAll().orderBy("id").execute()) {
    report.groups++;
    const granted = (grantsOf.get(id) ?? []).map(({ permission_id }) => naturalKeys.get(permission_id));
    yield line({ model: "auth.group", pk: id, fields: { name, permissions: granted } });
  }

  yield* users(db, options, naturalKeys, report, line);
  if (options.bindingModels.length > 0) yield* exportBindings(db, options.bindingModels, report, line);
  yield separator === "[\n" ? "[]\n" : "\n]\n";
  return report;
}

export type Line = (object: object) => string;

async function* users(
  db: Db,
  options: ExportOptions,
  naturalKeys: ReadonlyMap<number, string[]>,
  report: ExportReport,
  line: Line,
): AsyncGenerator<string> {
  const { count } = await db.kysely
    .selectFrom("users")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  let isFirstWithoutMobile = true;
  const mobileOf = (user: { id: number; mobile: string | null }) => {
    if (user.mobile !== null || options.missingMobile === "null") return user.mobile;
    const isFirst = isFirstWithoutMobile;
    isFirstWithoutMobile = false;
    return isFirst ? "" : `#${user.id}`;
  };
  let last = 0;
  for (;;) {
    const page = await db.kysely
      .selectFrom("users")
      .selectAll()
      .where("id", ">", last)
      .orderBy("id")
      .limit(pageSize)
      .execute();
    if (page.length === 0) return;
    const first = page[0]!.id;
    last = page.at(-1)!.id;
    const links = <Table extends "user_groups" | "user_permissions">(table: Table) =>
      sql<{ user_id: number; other_id: number }>`
        select user_id, ${sql.ref(table === "user_groups" ? "group_id" : "permission_id")} as other_id
        from ${sql.table(table)} where user_id between ${first} and ${last} order by 1, 2`.execute(db.kysely);
    const groupsOf = Map.groupBy((await links("user_groups")).rows, ({ user_id }) => user_id);
    const permissionsOf = Map.groupBy((await links("user_permissions")).rows, ({ user_id }) => user_id);
    const fieldsOf = await ownFields(db, options, [first, last]);
    let text = "";
    for (const user of page) {
      report.users++;
      if (user.password_hash.length > djangoHashLength) note(report.longHashes, user.id);
      if (options.hasMobile && (user.mobile?.length ?? 0) > djangoMobileLength)
        note(report.longMobiles, user.id);
      text += line({
        model: options.userModel,
        pk: user.id,
        fields: {
          password: user.password_hash,
          last_login: user.last_login_at === null ? null : djangoTime(user.last_login_at),
          is_superuser: user.is_superuser === 1,
          username: user.username,
          first_name: user.first_name,
          last_name: user.last_name,
          email: user.email ?? "",
          is_staff: user.is_staff === 1,
          is_active: user.is_active === 1,
          date_joined: djangoTime(user.joined_at),
          ...(options.hasMobile ? { mobile: mobileOf(user) } : {}),
          ...fieldsOf(user),
          groups: (groupsOf.get(user.id) ?? []).map(({ other_id }) => other_id),
          user_permissions: (permissionsOf.get(user.id) ?? []).map(({ other_id }) =>
            naturalKeys.get(other_id),
          ),
        },
      });
    }
    yield text;
    options.onProgress?.(report.users, count);
  }
}

/** What each account of the page has in the columns that the operator named. Django's text columns are never null. */
async function ownFields(
  db: Db,
  { fields = new Map(), extraFields }: ExportOptions,
  [first, last]: readonly [number, number],
): Promise<(user: { readonly id: number; readonly nickname: string | null }) => Record<string, unknown>> {
  const wanted = (extraFields?.declared ?? []).filter(({ name }) => fields.has(name));
  const rows =
    wanted.length === 0
      ? []
      : await db.kysely
          .selectFrom("extra_fields")
          .select(["user_id", "fields"])
          .where("user_id", ">=", first)
          .where("user_id", "<=", last)
          .execute();
  const stored = new Map(rows.map((row) => [row.user_id, JSON.parse(row.fields) as Record<string, unknown>]));
  const names = wanted.map(({ name }) => name);
  const nickname = fields.get(nicknameField);
  return (user) => {
    const values = extraFields?.shown(stored.get(user.id) ?? {}, names) ?? {};
    const own = wanted.map(({ name, type }) => {
      const isText = type === "text" || type === "choice";
      return [fields.get(name)!, values[name] ?? (isText ? "" : null)] as const;
    });
    return {
      ...(nickname === undefined ? {} : { [nickname]: user.nickname ?? "" }),
      ...Object.fromEntries(own),
    };
  };
}

/** A permission an operator made up belongs to no model; Django demands one, and an import takes it back. */
function modelOf(row: { model: string }): string {
  return row.model === "" ? modelOfNone : row.model;
}
