import { afterAll, beforeAll, expect, it } from "vitest";
import { personalTables } from "../../src/app/personal-data.ts";
import { collect } from "../../src/rights/collect.ts";
import { exportJson } from "../../src/rights/export-json.ts";
import { mostRows } from "../../src/rights/personal-table.ts";
import { openArchive } from "../support/archive.ts";
import { makePerson } from "../support/people.ts";
import { statementsDuring } from "../support/statement-plans.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { turnsDuring } from "../support/turns.ts";

/** An export of very much gives up its turn: see no-standstill.test.ts. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

async function inThousands<One>(rows: readonly One[], insert: (some: One[]) => Promise<unknown>) {
  for (let from = 0; from < rows.length; from += 1000) await insert(rows.slice(from, from + 1000));
}

it("an export of very many rows reads, writes and packs some at a time", async () => {
  const { id, token } = await makePerson(site, "muchdata1");
  const { kysely } = site.app.db;
  const invitations = Array.from({ length: mostRows + 5 }, (_, n) => ({
    ...{ token_mac: `mac${n}`, email: null, group_id: null, maker_id: id, max_uses: n + 1, uses: 0 },
    ...{ created_at: 1, expires_at: site.clock.now() + 1 },
  }));
  // By the person, about the person, and both at once, none of which is there twice.
  const entry = { actor: "muchdata1", action: "test.done", target: "t", before: "{}", after: "{}" };
  const entries = Array.from({ length: 6000 }, (_, n) => ({
    ...{ ...entry, at: n + 1, actor_id: n % 3 === 0 ? null : id, request_id: `r${n}` },
    ...(n % 3 === 1 ? { target_kind: "system", target_id: 1 } : { target_kind: "user", target_id: id }),
  }));
  await inThousands(invitations, (some) => kysely.insertInto("invitations").values(some).execute());
  await inThousands(entries, (some) => kysely.insertInto("audit_entries").values(some).execute());
  const asked = (await site.as(token)({ method: "POST", url: "/user/export/" })).json();
  let sent: string[] = [];
  const turns = await turnsDuring(async () => {
    sent = (await statementsDuring(() => site.runJobs())).map(({ sql: text }) => text);
  });
  const answer = await site.as(token)({ url: `/user/export/${asked.id}/` });
  const { data } = openArchive(answer.rawPayload);
  const made = data.tables.invitations!.map((row) => row.max_uses);
  expect([made.length, made[0], made.at(-1)]).toEqual([mostRows, 6, mostRows + 5]);
  expect(data.cut).toEqual({ invitations: mostRows });
  const tests = data.tables.audit_entries!.filter((row) => row.action === "test.done");
  expect(tests.map(({ at }) => Date.parse(String(at)))).toEqual(
    Array.from({ length: 6000 }, (_, n) => n + 1),
  );
  if (site.app.db.engine === "postgres") return;
  const read = sent.filter((text) => text.startsWith('select * from "invitations"'));
  expect(read).not.toEqual([]);
  expect(read.filter((text) => !/limit \d+ offset \?$/.test(text))).toEqual([]);
  expect(turns).toBeGreaterThan(10);
});

it("the file for programs is what JSON.stringify writes of it", async () => {
  const { id } = await makePerson(site, "plainjson1");
  const user = (await site.app.users.byId(id))!;
  const { tables, ...rest } = await collect(site.app.db, personalTables, user, site.clock.now());
  for (const some of [tables, {}, { consents: [], sessions: [{}, { a: 'quote " and\nline' }] }]) {
    const data = { ...rest, tables: some };
    expect([...exportJson(data)].join("")).toBe(`${JSON.stringify(data, null, 2)}\n`);
  }
});
