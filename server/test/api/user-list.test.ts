import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listUsers, type UserFilter } from "../../src/admin/user-list.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { chosenPair } from "../support/chosen-pair.ts";
import { temporaryDatabase } from "../support/test-engines.ts";

/** More than a page walks past, so that every way of finding and every end of a walk is met. */
const users = 7_500;
let db: Database;
const flags = (id: number) => ({
  is_active: id % 1000 === 7 || id > 7_400 ? 0 : 1,
  is_staff: id % 500 === 0 ? 1 : 0,
  is_superuser: id === 7_000 ? 1 : 0,
});
const nameOf = (id: number) => (id % 2500 === 1 ? `rare${id}` : `user${id}`);
/** Group 1 has many, the last of all; group 2 has few. */
const groupsOf = (id: number) => [...(id > 6_000 ? [1] : []), ...(id % 700 === 0 ? [2] : [])];

beforeEach(async () => {
  db = await temporaryDatabase(chosenPair());
  await db.transaction(async (transaction) => {
    const { kysely } = transaction;
    for (const name of ["many", "few"]) await kysely.insertInto("groups").values({ name }).execute();
    for (let from = 1; from <= users; from += 500) {
      const ids = Array.from({ length: 500 }, (_, at) => from + at);
      const rows = ids.map((id) => ({
        ...{ id, username: nameOf(id), email: id % 3 === 0 ? "shared@qq.com" : null, password_hash: "!" },
        ...{ password_trimmed: 0 as const, first_name: "", last_name: "", email_verified: 0 as const },
        ...{ credentials_version: 0, joined_at: 1, created_at: 1, updated_at: 1 },
        ...(flags(id) as { is_active: 0 | 1; is_staff: 0 | 1; is_superuser: 0 | 1 }),
      }));
      await kysely.insertInto("users").values(rows).execute();
      const names = ids.map((id) => ({ name_key: nameOf(id), user_id: id }));
      await kysely.insertInto("login_names").values(names).execute();
      const members = ids.flatMap((user_id) => groupsOf(user_id).map((group_id) => ({ user_id, group_id })));
      if (members.length > 0) await kysely.insertInto("user_groups").values(members).execute();
    }
  });
});
afterEach(() => db.close());

function expected({ search, group, is_active, is_staff, is_superuser }: Omit<UserFilter, "limit">): number[] {
  const ids = Array.from({ length: users }, (_, at) => at + 1);
  return ids.filter((id) => {
    const { is_active: active, is_staff: staff, is_superuser: superuser } = flags(id);
    return (
      (is_active === undefined || is_active === (active === 1)) &&
      (is_staff === undefined || is_staff === (staff === 1)) &&
      (is_superuser === undefined || is_superuser === (superuser === 1)) &&
      (group === undefined || groupsOf(id).includes(group)) &&
      (search === undefined || nameOf(id).startsWith(search) || (search === "shared@qq.com" && id % 3 === 0))
    );
  });
}

async function everyPage(filter: UserFilter): Promise<{ ids: number[]; pages: number }> {
  const ids: number[] = [];
  let pages = 0;
  for (let after: number | null | undefined = filter.after; after !== null; ) {
    const { rows, next } = await listUsers(db, { ...filter, ...(after === undefined ? {} : { after }) });
    expect(rows.length).toBeLessThanOrEqual(filter.limit);
    if (next !== null) expect(next).toBeGreaterThan(after ?? 0);
    ids.push(...rows.map(({ id }) => id));
    pages++;
    after = next;
  }
  return { ids, pages };
}

test("the pages of any filter have everybody it fits, once and in order", async () => {
  const some = <Value>(...values: Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
  const filters = fc.record({
    search: some("user", "u", "rare", "rare2501", "shared@qq.com", "nobody"),
    group: some(1, 2, 3),
    ...{ is_active: some(true, false), is_staff: some(true, false), is_superuser: some(true, false) },
    limit: fc.constantFrom(20, 100),
  });
  await fc.assert(
    fc.asyncProperty(filters, async ({ limit, ...given }) => {
      const filter = JSON.parse(JSON.stringify(given)) as Omit<UserFilter, "limit">;
      expect((await everyPage({ ...filter, limit })).ids).toEqual(expected(filter));
    }),
    { numRuns: 60 },
  );
});

test("a page ends after as many accounts as it may look at, found or not", async () => {
  const common = { search: "user", group: 1, limit: 20 };
  // Thousands have the one, thousands the other, and nobody at the beginning has both.
  for (const after of [0, 2_000, 4_000]) {
    expect(await listUsers(db, { ...common, after })).toEqual({ rows: [], next: after + 2_000 });
  }
  expect(await listUsers(db, { search: "obod", match: "contains", limit: 20 })).toEqual({
    rows: [],
    next: 2_000,
  });
  const last = await listUsers(db, { ...common, after: 6_000 });
  expect(last.rows.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, at) => 6_001 + at));
});

test("who is rare is found in one page, wherever they are", async () => {
  expect(await everyPage({ is_superuser: true, limit: 20 })).toEqual({ ids: [7_000], pages: 1 });
  expect(await everyPage({ search: "rare7501", limit: 20 })).toEqual({ ids: [], pages: 1 });
  expect(await everyPage({ search: "rare", limit: 20 })).toEqual({ ids: [1, 2501, 5001], pages: 1 });
  expect((await everyPage({ is_active: false, is_staff: true, limit: 20 })).ids).toEqual([7500]);
});
