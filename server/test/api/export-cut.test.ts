import { afterAll, beforeAll, expect, it } from "vitest";
import { personalTables } from "../../src/app/personal-data.ts";
import { collect, type ExportedData } from "../../src/rights/collect.ts";
import { exportPage } from "../../src/rights/export-page.ts";
import { mostRows } from "../../src/rights/personal-table.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Of more rows than an export has it has the newest, and says so itself. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

const extra = 3;
const pageOf = (data: ExportedData) => [...exportPage(data, "en", (key) => `say:${key}`)].join("");

it("more rows than there is room for: the newest are shown, and the export says that there are others", async () => {
  const { id } = await makePerson(site, "manyrows1");
  const { kysely } = site.app.db;
  const changes = Array.from({ length: mostRows + extra }, (_, n) => ({
    ...{ user_id: id, field: "email" as const, changed_at: n + 1, value_before: `v${n + 1}` },
    verified_before: 0 as const,
  }));
  const entries = Array.from({ length: mostRows + extra }, (_, n) => ({
    ...{ at: n + 1, actor_id: id, actor: "manyrows1", action: "test.done", target_kind: "system" },
    ...{ target_id: 1, target: "t", before: "{}", after: "{}", request_id: `r${n + 1}` },
  }));
  // Not in their order.
  for (let from = mostRows + extra; from > 0; from -= 1000) {
    const [first, last] = [Math.max(0, from - 1000), from];
    await kysely.insertInto("address_changes").values(changes.slice(first, last)).execute();
  }
  for (let from = 0; from < entries.length; from += 1000) {
    await kysely
      .insertInto("audit_entries")
      .values(entries.slice(from, from + 1000))
      .execute();
  }
  const data = await collect(site.app.db, personalTables, (await site.app.users.byId(id))!, site.clock.now());
  const shown = data.tables.address_changes!.map(({ value_before }) => value_before);
  expect([shown.length, shown[0], shown.at(-1)]).toEqual([mostRows, `v${extra + 1}`, `v${mostRows + extra}`]);
  expect(data.tables.audit_entries).toHaveLength(mostRows);
  expect(data.cut).toEqual({ address_changes: mostRows, audit_entries: mostRows });
  const page = pageOf({
    ...data,
    tables: { address_changes: [], consents: [], sessions: data.tables.address_changes! },
    cut: { sessions: 1 },
  });
  expect(page.match(/say:cut/g)).toHaveLength(1);
});

it("says nothing of the kind where all of it is there", async () => {
  const { id } = await makePerson(site, "fewrows01");
  const data = await collect(site.app.db, personalTables, (await site.app.users.byId(id))!, site.clock.now());
  expect(data.cut).toEqual({});
  expect(pageOf(data)).not.toContain("say:cut");
});
