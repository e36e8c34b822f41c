import fc, { type GeneratorValue } from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { personalTables } from "../../src/app/personal-data.ts";
import { collect } from "../../src/rights/collect.ts";
import type { Shown } from "../../src/rights/personal-table.ts";
import {
  type ColumnAt,
  type MadeRow,
  type MakeValue,
  ownTables,
  personalRows,
  seedAround,
} from "../support/personal-marks.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * Any accounts, with any rows in every personal table: each one's export has each of its rows, with each column that is shown as it is
 * stored, and none of another's.
 */
let site: TestApp;
let rows: Awaited<ReturnType<typeof personalRows>>;
let permission: { readonly app: string; readonly codename: string };
beforeAll(async () => {
  site = await startTestApp();
  const around = await seedAround(site.app.db);
  rows = await personalRows(site.app.db, around);
  permission = await site.app.db.kysely
    .selectFrom("permissions")
    .select(["app", "codename"])
    .where("id", "=", around.permissionId)
    .executeTakeFirstOrThrow();
});
afterAll(() => site.close());

const signs = [
  "a",
  "0",
  "<",
  ">",
  '"',
  "'",
  "&",
  "\\",
  "\n",
  ";",
  "%",
  "{",
  "三",
  "哥",
  "🎉",
  "é",
  "\u202e",
  " ",
];
const words = () => fc.string({ unit: fc.constantFrom(...signs), maxLength: 4 });
const millis = () => fc.integer({ min: 1_500_000_000_000, max: 1_700_000_000_000 });
const counts = () => fc.integer({ min: 0, max: 2_000_000_000 });
const oneOf = <T>(...of: T[]) => fc.constantFrom(...of);
const flags = () => fc.constantFrom(0, 1);
/** Rows of one account in one table: of most several, of those with one row for an account none or one. */
const howMany = () => fc.integer({ min: 0, max: 3 });
const entriesCount = () => fc.integer({ min: 1, max: 8 });
const once = new Set([
  "extra_fields",
  "totp_factors",
  "recovery_codes",
  "passkey_handles",
  "django_imports",
  "disablings",
]);
const perRow = new Set(["user_groups", "user_permissions", "bulk_run_accounts"]);

let number = 0;
/** Unlike every other, so that no key meets another. */
const apart = () => (number++).toString(36);

function maker(any: GeneratorValue): MakeValue {
  return ({ how, isText, name }: ColumnAt) => {
    if (how === "json") return JSON.stringify({ [apart()]: any(words) });
    if (isText) return `${apart()}${any(words)}`.slice(0, 10);
    if (how === "flag") return any(flags);
    // Its own second part: values near an end of the range met when each had one more added than the one before.
    if (how === "time") return Math.floor(any(millis) / 1_000_000) * 1_000_000 + number++;
    return name === "joined_id" ? 1_000_000_000 + number++ : any(counts);
  };
}

/** As docs/export.schema.json says that a value is written. */
function written(how: Shown, value: unknown): unknown {
  if (value === null) return null;
  switch (how) {
    case "time":
      return new Date(Number(value)).toISOString();
    case "flag":
      return Number(value) === 1;
    case "count":
      return Number(value);
    case "json":
      return JSON.parse(value as string);
    default:
      return value;
  }
}

function shown(table: string, row: MadeRow): Record<string, unknown> {
  const { columns } = personalTables.find((one) => one.table === table)!;
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, how]) =>
      typeof how === "string" && name in row ? [[name, written(how, row[name])]] : [],
    ),
  );
}
const sorted = (list: readonly object[]) => list.map((row) => JSON.stringify(row)).toSorted();

async function anybody(any: GeneratorValue) {
  const users = personalTables.find(({ table }) => table === "users")!;
  const own = await rows.insert("users", rows.rowOf(users, null, maker(any)));
  const made: Record<string, MadeRow[]> = { users: [own] };
  for (const table of ownTables.filter((one) => one !== users)) {
    const most = once.has(table.table) || perRow.has(table.table) ? 1 : 3;
    const many = Math.min(most, any(howMany));
    made[table.table] = [];
    for (let i = 0; i < many; i++) {
      const row = rows.rowOf(table, Number(own.id), maker(any));
      made[table.table]!.push(await rows.insert(table.table, row));
    }
  }
  return { id: Number(own.id), username: String(own.username), made };
}

it("each export has each row of its account, and none of another's", async () => {
  const { db } = site.app;
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (any) => {
      const people = [await anybody(any), await anybody(any), await anybody(any)];
      for (const { id, made } of people) {
        const { tables } = await collect(db, personalTables, (await site.app.users.byId(id))!, 1);
        for (const [table, its] of Object.entries(made)) {
          const joins = {
            user_groups: { name: "everybody-s group" },
            user_permissions: permission,
          };
          const beside = joins[table as keyof typeof joins] ?? {};
          const expected = its.map((row) => shown(table, { ...row, ...beside }));
          if (expected.every((row) => Object.keys(row).length === 0)) continue;
          expect([table, sorted(tables[table] ?? [])]).toEqual([table, sorted(expected)]);
        }
      }
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

it("the audit log of each says what it did and what befell it, of others no name and no value", async () => {
  const { db } = site.app;
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (any) => {
      const people = [await anybody(any), await anybody(any), await anybody(any)];
      const ids = people.map(({ id }) => id);
      const entries: { id: number; actor_id: number | null; target_id: number; mark: string }[] = [];
      for (let i = any(entriesCount); i > 0; i--) {
        const actor_id = any(oneOf<number | null>, ...ids, null);
        const target_id = any(oneOf<number>, ...ids);
        const mark = `mark-${apart()}-`;
        const { id } = await db.kysely
          .insertInto("audit_entries")
          .values({
            ...{
              at: 1,
              actor_id,
              actor: `${mark}actor`,
              action: "user.change",
              target_kind: "user",
              target_id,
            },
            ...{ target: `${mark}target`, request_id: null },
            ...{ before: "{}", after: JSON.stringify({ first_name: `${mark}value` }) },
          })
          .returning("id")
          .executeTakeFirstOrThrow();
        entries.push({ id, actor_id, target_id, mark });
      }
      for (const id of ids) {
        const { tables } = await collect(db, personalTables, (await site.app.users.byId(id))!, 1);
        const told = JSON.stringify(tables.audit_entries);
        const its = entries.filter(({ actor_id, target_id }) => actor_id === id || target_id === id);
        expect(tables.audit_entries).toHaveLength(its.length);
        for (const { mark, actor_id, target_id } of entries) {
          const has = (what: string) => told.includes(`${mark}${what}`);
          expect([has("actor"), has("target"), has("value")]).toEqual([
            actor_id === id,
            target_id === id,
            target_id === id,
          ]);
        }
      }
    }),
    { numRuns: 15, endOnFailure: true },
  );
});
