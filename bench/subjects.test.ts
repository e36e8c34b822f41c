import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { addAccounts, nameOf } from "./accounts.ts";
import { requestsFor } from "./subjects.ts";

const context = { secretKey: "a key", nowSeconds: 1_800_000_000 };
const paths = (requests: readonly { readonly path: string }[]) => requests.map(({ path }) => path);

it("asks for names all over a large table, the same ones in every run", () => {
  const asked = paths(requestsFor({ ...context, accounts: 1_000_000 }).logInRead);
  expect(new Set(asked).size).toBeGreaterThan(45_000);
  expect(paths(requestsFor({ ...context, accounts: 1_000_000 }).logInRead)).toEqual(asked);
});

it("asks for names that are taken and for names that are free, half and half", () => {
  const names = new Set(Array.from({ length: 100 }, (_, i) => nameOf(i + 1)));
  const asked = paths(requestsFor({ ...context, accounts: 100 }).count).map((path) => path.split("/")[3]);
  expect(asked.filter((name) => names.has(name!)).length * 2).toBe(asked.length);
});

it("shows no fresh token twice, however few the accounts", () => {
  const { freshProfile, profile } = requestsFor({ ...context, accounts: 3 });
  const tokens = [...freshProfile, ...profile].map(({ headers }) => headers.Authorization);
  expect(new Set(tokens).size).toBe(tokens.length);
});

it("fills the table with names in no order", async () => {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-names-"));
  const file = join(folder, "names.sqlite3");
  const db = new DatabaseSync(file);
  db.exec(
    "create table users (id, username, email, password_hash, email_verified, joined_at, created_at, updated_at); create table login_names (name_key primary key, user_id)",
  );
  await addAccounts(`sqlite:${file}`, "a hash", { from: 1, to: 1001 }, () => {});
  const rows = db
    .prepare("select user_id from login_names where name_key not like '%@%' order by name_key")
    .all();
  const ids = rows.map(({ user_id }) => Number(user_id));
  db.close();
  rmSync(folder, { recursive: true });
  expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
  const neighbours = ids.filter((id, i) => i > 0 && Math.abs(id - ids[i - 1]!) === 1);
  expect(neighbours).toHaveLength(0);
});
