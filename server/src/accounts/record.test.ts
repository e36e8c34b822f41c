import { sql } from "kysely";
import { expect, it } from "vitest";
import { temporarySqlite } from "../../test/support/sqlite.ts";
import { columnNames, newAccount, operatorColumns, shownColumns, userColumns } from "./record.ts";
import { findUserById, insertUser } from "./user-store.ts";

const given = { username: "python01", email: null, password_hash: "!" };

it("the record names the columns that the migrations make, no more and no fewer", async () => {
  const db = await temporarySqlite();
  const { rows } = await sql<{ name: string }>`select name from pragma_table_info('users')`.execute(
    db.kysely,
  );
  await db.close();
  const made = rows.map(({ name }) => name);
  expect(made.toSorted()).toEqual(["id", ...columnNames].toSorted());
});

it("a new account is written whole, and read back as the services see it", async () => {
  const db = await temporarySqlite();
  const made = await insertUser(db, { ...given, mobile: "13800138000", is_staff: 1 }, 1_000);
  const found = await findUserById(db, made.id);
  const row = await db.kysely.selectFrom("users").selectAll().executeTakeFirstOrThrow();
  await db.close();
  const { created_at, updated_at, ...seen } = row;
  expect(found).toEqual(seen);
  expect(row).toEqual(made);
  expect(row).toMatchObject({
    ...given,
    mobile: "13800138000",
    is_staff: 1,
    is_active: 1,
    last_login_at: null,
  });
  expect([row.joined_at, created_at, updated_at]).toEqual([1_000, 1_000, 1_000]);
});

it("what is given as undefined begins as if it had not been", () => {
  expect(newAccount({ ...given, first_name: undefined, is_active: 0 }, 7)).toMatchObject({
    first_name: "",
    is_active: 0,
    joined_at: 7,
  });
});

it("nothing a token could be made of is listed or for operators to change", () => {
  const secret = [
    "password_hash",
    "password_trimmed",
    "credentials_version",
    "credentials_changed_at",
    "password_reset_at",
  ];
  for (const name of secret) {
    expect(userColumns).toContain(`users.${name}`);
    expect([...shownColumns, ...operatorColumns]).not.toContain(name);
  }
});
