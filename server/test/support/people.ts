import { createGroups } from "../../src/permissions/groups.ts";
import { someone } from "./holders.ts";
import type { TestApp } from "./test-app.ts";

/** Accounts with a standing, made directly: sign-up makes ordinary ones only. */
export const password = "12345678aA";

export interface Person {
  readonly id: number;
  readonly username: string;
  token: string;
}

export interface Standing {
  readonly is_staff?: 0 | 1;
  readonly is_superuser?: 0 | 1;
  readonly is_active?: 0 | 1;
  readonly permissions?: readonly string[];
  readonly email?: string | null;
}

let hash: Promise<string> | null = null;

export async function makePerson(test: TestApp, username: string, standing: Standing = {}): Promise<Person> {
  const { db, passwords } = test.app;
  hash ??= passwords.hash(password, someone);
  const now = test.clock.now();
  const { id } = await db.kysely
    .insertInto("users")
    .values({
      ...{ username, email: standing.email ?? null, mobile: null, first_name: "", last_name: "" },
      ...{ password_hash: await hash, password_trimmed: 0, email_verified: 1, credentials_version: 0 },
      is_active: standing.is_active ?? 1,
      is_staff: standing.is_staff ?? 0,
      is_superuser: standing.is_superuser ?? 0,
      ...{ joined_at: now, created_at: now, updated_at: now },
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const names = [username, standing.email].filter((name) => typeof name === "string");
  await db.kysely
    .insertInto("login_names")
    .values(names.map((name) => ({ name_key: name.toLowerCase(), user_id: id })))
    .execute();
  await grant(test, id, standing.permissions ?? []);
  return { id, username, token: standing.is_active === 0 ? "" : await tokenOf(test, username) };
}

export async function grant(test: TestApp, id: number, permissions: readonly string[]): Promise<void> {
  await createGroups({ db: test.app.db }).grantToUser(test.app.db, id, permissions);
}

export async function tokenOf(test: TestApp, username: string): Promise<string> {
  const answer = await test.anonymous({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username, password },
  });
  if (answer.statusCode !== 200)
    throw new Error(`log-in of ${username}: ${answer.statusCode} ${answer.body}`);
  return answer.json().token;
}
