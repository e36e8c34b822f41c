import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { addAccounts, nameOf } from "./accounts.ts";
import { addSessions, openSessionRows, sessionIdOf } from "./sessions.ts";
import { requestsFor } from "./subjects.ts";

const context = { secretKey: "a key", nowSeconds: 1_800_000_000, sessions: 1_000_000 };
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

function tokenOf({ body }: { readonly body?: string }) {
  const { refresh_token } = JSON.parse(body!);
  const { jti, user_id } = JSON.parse(Buffer.from(refresh_token.split(".")[1], "base64url").toString());
  const [session, number] = jti.split(".");
  return { session: String(session), number: Number(number), user: Number(user_id) };
}

it("renews one session after the other, each time with a number ahead of the row's", () => {
  const { renewals } = requestsFor({ ...context, accounts: 4, sessions: 8 });
  const shown = [...renewals(0.001), ...renewals(0.001)].map(tokenOf);
  expect(shown).toHaveLength(30);
  const counters = new Map<string, number>();
  for (const [i, { session, number }] of shown.entries()) {
    // Every session comes before any comes again.
    expect(shown.slice(Math.max(0, i - 7), i).map((one) => one.session)).not.toContain(session);
    expect(number).toBeGreaterThanOrEqual(counters.get(session) ?? 0);
    counters.set(session, number + 1);
  }
  expect(new Set(shown.map(({ session, user }) => `${session} ${user}`)).size).toBe(8);
});

it("renews the sessions in use again and again, and never shows a number twice beside a walk over all", () => {
  const { renewals, renewalsInUse } = requestsFor({ ...context, accounts: 1000, sessions: 5000 });
  const shown = [renewalsInUse, renewals, renewalsInUse].flatMap((more) => more(0.4)).map(tokenOf);
  expect(new Set(shown.slice(0, 6000).map(({ session }) => session)).size).toBe(1000);
  expect(new Set(shown.slice(6000, 11_000).map(({ session }) => session)).size).toBe(5000);
  const counters = new Map<string, number>();
  for (const { session, number } of shown) {
    expect(number).toBeGreaterThan(counters.get(session) ?? -1);
    counters.set(session, number);
  }
});

it("fills the table of sessions, if there is one, and ends half of them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-sessions-"));
  const file = join(folder, "sessions.sqlite3");
  const wanted = { accounts: 4, sessions: 8, nowMillis: 1e12 };
  const db = new DatabaseSync(file);
  await addSessions(`sqlite:${file}`, wanted, () => {});
  db.exec(`create table sessions (id primary key, user_id, credentials_version, way, user_agent, network, created_at,
    last_seen_at, expires_at, idle_seconds, ended_at)`);
  await addSessions(`sqlite:${file}`, wanted, () => {});
  const rows = db.prepare("select id, user_id from sessions order by rowid").all();
  expect(rows.map(({ user_id }) => user_id)).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  expect(rows.map(({ id }) => id)).toEqual(rows.map((_, i) => sessionIdOf(i + 1)));
  const open = await openSessionRows(`sqlite:${file}`);
  expect(await open.count(1e12)).toEqual({ all: 8, old: 0 });
  await open.endHalf(1e12);
  expect(await open.count(1e12)).toEqual({ all: 8, old: 4 });
  expect(db.prepare("select count(*) as logged_out from sessions where ended_at is not null").get()).toEqual({
    logged_out: 2,
  });
  await open.close();
  db.close();
  rmSync(folder, { recursive: true });
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
