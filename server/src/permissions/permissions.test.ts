import { afterEach, beforeEach, expect, test } from "vitest";
import { temporarySqlite } from "../../test/support/sqlite.ts";
import type { Database } from "../engines/database/database.ts";
import { declaredPermissions } from "./declared-permissions.ts";
import { insertGroup, setGroupPermissions, setUserGroups, setUserPermissions } from "./group-store.ts";
import { findPermissionsByName, insertPermission, listPermissions } from "./permission-store.ts";
import { createPermissions, type PermissionHolder, type Permissions } from "./permissions.ts";

let db: Database;
let permissions: Permissions;
let plain: PermissionHolder;

beforeEach(async () => {
  db = await temporarySqlite();
  permissions = createPermissions({ db });
  await permissions.declare();
  const times = { joined_at: 0, created_at: 0, updated_at: 0 };
  const row = { username: "python01", first_name: "", last_name: "", password_hash: "!", ...times };
  const flags = {
    password_trimmed: 0,
    is_active: 1,
    is_staff: 0,
    is_superuser: 0,
    email_verified: 0,
  } as const;
  const { id } = await db.kysely
    .insertInto("users")
    .values({ ...row, ...flags, email: null, mobile: null, credentials_version: 0 })
    .returning("id")
    .executeTakeFirstOrThrow();
  plain = { id, is_active: 1, is_superuser: 0 };
  await insertPermission(db, { app: "mall", model: "", codename: "refund_order", name: "Can refund" });
});
afterEach(() => db.close());

async function grant(...names: string[]) {
  const found = await findPermissionsByName(db, names);
  return names.map((name) => found.get(name)!.id);
}

test("declaring twice changes nothing", async () => {
  await permissions.declare();
  const rows = await listPermissions(db);
  expect(rows).toHaveLength(declaredPermissions.length + 1);
});

test("an account has the union of its own and its groups' permissions, and nothing else", async () => {
  const support = (await insertGroup(db, "support"))!;
  await setGroupPermissions(db, support, await grant("users.view_user", "mall.refund_order"));
  await setUserGroups(db, plain.id, [support]);
  await setUserPermissions(db, plain.id, await grant("users.view_user", "auth.view_group"));
  expect(await permissions.all(plain)).toEqual(["auth.view_group", "mall.refund_order", "users.view_user"]);
  expect(await permissions.ofGroups(plain)).toEqual(["mall.refund_order", "users.view_user"]);
  expect(await permissions.has(plain, "mall.refund_order")).toBe(true);
  expect(await permissions.has(plain, "users.change_user")).toBe(false);
  expect(await permissions.has(plain, "refund_order")).toBe(false);
  expect(await permissions.hasAll(plain, ["users.view_user", "auth.view_group"])).toBe(true);
  expect(await permissions.hasAll(plain, ["users.view_user", "auth.change_group"])).toBe(false);
  expect(await permissions.hasAnyOf(plain, "mall")).toBe(true);
  expect(await permissions.hasAnyOf(plain, "mal")).toBe(false);
  expect(await permissions.hasAnyOf(plain, "audit")).toBe(false);
});

test("a withdrawn grant is gone at once", async () => {
  await setUserPermissions(db, plain.id, await grant("users.view_user"));
  expect(await permissions.has(plain, "users.view_user")).toBe(true);
  await setUserPermissions(db, plain.id, []);
  expect(await permissions.has(plain, "users.view_user")).toBe(false);
  expect(await permissions.all(plain)).toEqual([]);
});

test("a superuser has everything, also what does not exist yet", async () => {
  const root = { ...plain, is_superuser: 1 } as const;
  expect(await permissions.has(root, "some.thing_new")).toBe(true);
  expect(await permissions.hasAnyOf(root, "anything")).toBe(true);
  expect(await permissions.all(root)).toContain("mall.refund_order");
  expect(await permissions.ofGroups(root)).toContain("mall.refund_order");
});

test("an inactive account has nothing, whatever it was granted, superuser or not", async () => {
  await setUserPermissions(db, plain.id, await grant("users.view_user"));
  for (const is_superuser of [0, 1] as const) {
    const off = { ...plain, is_active: 0, is_superuser } as const;
    expect(await permissions.has(off, "users.view_user")).toBe(false);
    expect(await permissions.hasAll(off, [])).toBe(false);
    expect(await permissions.hasAnyOf(off, "users")).toBe(false);
    expect(await permissions.all(off)).toEqual([]);
    expect(await permissions.ofGroups(off)).toEqual([]);
  }
});
