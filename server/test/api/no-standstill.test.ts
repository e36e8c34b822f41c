import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { forgetWritten } from "../../src/rights/forget-written.ts";
import { makePerson } from "../support/people.ts";
import { openPlans, type SentStatement, statementsDuring } from "../support/statement-plans.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { eraseNow, turnsDuring } from "../support/turns.ts";

/**
 * What takes much away does so along an index and piece by piece, with a turn for whoever waits in between: on SQLite everybody
 * waits meanwhile. Judged by the engine's plan and by counting turns, never by time.
 */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp({ env: { AUDIT_CHAIN: "on" } });
});
afterAll(() => site.close());

const operator = { id: null, name: "test", requestId: null };

/** Those that grow with staff alone, or have a row for each instant of a clock. */
const small = new Set([
  ...["webhook_endpoints", "services", "signing_keys", "installation", "audit_marks"],
  ...["first_superuser_links"],
]);
/** The first page of a walk, which a key leads on; in the order of the table. */
const isPage = ({ sql: text }: SentStatement) => /\blimit\b/.test(text);

it("an erasure and a round of the maintenance go through no table", async () => {
  const { id } = await makePerson(site, "erased01", { email: "erased01@example.com" });
  const sent = await statementsDuring(() => eraseNow(site, id));
  expect(await site.app.users.byId(id)).toBeNull();
  const plans = await openPlans(site.config);
  const scans: string[] = [];
  try {
    for (const statement of sent.filter(({ sql: text }) => /^(select|update|delete|with)\s/.test(text))) {
      if (isPage(statement)) continue;
      const tables = (await plans.scannedBy(statement)).filter((table) => !small.has(table));
      for (const table of tables) scans.push(`${table}: ${statement.sql}`);
    }
  } finally {
    await plans.close();
  }
  expect(scans).toEqual([]);
  expect(sent.some(({ sql: text }) => text.startsWith('delete from "invitations"'))).toBe(true);
  const { kysely, engine } = site.app.db;
  if (engine !== "sqlite") return;
  // From the few that are gone to what is left of each, never from the entries.
  const purge = sent.find(({ sql: text }) => text.startsWith('delete from "audit_entries"'))!;
  const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(purge.sql)}`.execute(kysely);
  const inner = rows.map(({ detail }) => detail).filter((detail) => detail.includes(" USING "));
  expect(inner.join("; ")).toMatch(
    /deleted_accounts USING .*deleted_accounts_time_index.*; SEARCH audit_entries USING .*audit_entries_target_id_index/,
  );
});

it("of who is named in many entries of the audit log, each is cleared, and others have their turns", async () => {
  const { kysely } = site.app.db;
  const { id } = await makePerson(site, "named001", { email: "named001@example.com" });
  const entry = (target_kind: string, n: number, after: object) => ({
    ...{ at: site.clock.now(), actor_id: id, actor: "named001", action: "user.change", target_kind },
    ...{ target_id: target_kind === "user" ? id : n, target: `#${n}`, before: "{}", request_id: null },
    after: JSON.stringify(after),
  });
  const entries = Array.from({ length: 450 }, (_, n) => [
    entry("user", n, { first_name: "named" }),
    // Another kind of thing that has the same number.
    entry("group", id, { name: "kept" }),
  ]).flat();
  for (let at = 0; at < entries.length; at += 450) {
    await kysely
      .insertInto("audit_entries")
      .values(entries.slice(at, at + 450))
      .execute();
  }
  const turns = await turnsDuring(() => eraseNow(site, id));
  const left = await kysely.selectFrom("audit_entries").selectAll().where("actor_id", "=", id).execute();
  const text = JSON.stringify(left);
  expect(text).not.toContain("named001");
  expect(text).toContain("kept");
  expect(
    left.filter(({ target_kind, after }) => target_kind === "user" && after.includes('"named"')),
  ).toEqual([]);
  // By whom and about whom: at least two pauses in each. Of invitations: no-standstill-audit.test.ts.
  expect(turns).toBeGreaterThanOrEqual(4);
});

it("an endpoint's deliveries go some at a time, then it goes", async () => {
  const { kysely } = site.app.db;
  const { webhooks } = site.app;
  const { endpoint } = await webhooks.add(operator, { url: "https://shop.example/hook", events: [] });
  const other = await webhooks.add(operator, { url: "https://other.example/hook", events: [] });
  const deliveryTo = (endpoint_id: number, n: number) => ({
    ...{
      endpoint_id,
      message_id: `msg_${endpoint_id}_${n}`,
      type: "user.updated",
      user_id: null,
      body: "{}",
    },
    ...{ state: "delivered" as const, attempts: 1, due_at: 0, created_at: 0 },
  });
  const rows = Array.from({ length: 350 }, (_, n) => deliveryTo(endpoint.id, n));
  await kysely
    .insertInto("webhook_deliveries")
    .values([...rows, deliveryTo(other.endpoint.id, 1)])
    .execute();
  const turns = await turnsDuring(() => webhooks.remove(operator, endpoint.id));
  expect(turns).toBeGreaterThanOrEqual(3);
  const left = await kysely.selectFrom("webhook_deliveries").select("endpoint_id").execute();
  expect(left.map(({ endpoint_id }) => endpoint_id)).toEqual([other.endpoint.id]);
  await expect(webhooks.remove(operator, endpoint.id)).rejects.toThrow("not_found");
});

it("of who is named in notes on others, each is cleared, whatever number there are, and others have their turns", async () => {
  const { kysely } = site.app.db;
  const { id } = await makePerson(site, "noted001", { email: "noted001@example.com" });
  const { id: user_id } = await makePerson(site, "noted002");
  const note = (n: number) => ({
    ...{ id: `note${String(n).padStart(5, "0")}`, user_id, author: "clerk", created_at: n },
    text: n % 199 === 0 ? `note ${n} from Noted001@example.com` : `note ${n}`,
  });
  const notes = Array.from({ length: 2000 }, (_, n) => note(n));
  for (const from of [0, 1000])
    await kysely
      .insertInto("user_notes")
      .values(notes.slice(from, from + 1000))
      .execute();
  const { now } = performance;
  let calls = 0;
  // Each page takes longer than a turn may.
  performance.now = () => now.call(performance) + 10 * calls++;
  try {
    const turns = await turnsDuring(() =>
      site.app.db.transaction((transaction) => forgetWritten(transaction, ["noted001@example.com"])),
    );
    expect(turns).toBeGreaterThanOrEqual(4);
  } finally {
    performance.now = now;
  }
  expect(calls).toBeGreaterThan(4);
  const left = kysely.selectFrom("user_notes").select("text").where("user_id", "=", user_id).orderBy("id");
  expect((await left.execute()).map(({ text }) => text)).toEqual(
    notes.map(({ text }) => text.replace("Noted001@example.com", "(erased)")),
  );
  await kysely.deleteFrom("user_notes").execute();
  await kysely.deleteFrom("users").where("id", "in", [id, user_id]).execute();
});

it("of many accounts that are locked the latest are looked at, and others have their turns", async () => {
  const root = await makePerson(site, "rootuser", { is_superuser: 1 });
  const { kysely } = site.app.db;
  const now = site.clock.now();
  const row = (username: string) => ({ username, email: null, password_hash: "!" });
  for (let n = 0; n < 120; n++) {
    const made = await site.app.users.add(site.app.db, row(`tried${n}`), "operator");
    if ("taken" in made) throw new Error("taken");
    const refused = { user_id: made.id, reason: "throttled", network: "192.0.2.*", times: 1 };
    await kysely
      .insertInto("log_in_refusals")
      .values({ ...refused, refused_at: now - n })
      .execute();
  }
  let status = 0;
  const turns = await turnsDuring(async () => {
    status = (await site.as(root.token)({ url: "/admin/blocks/locked/" })).statusCode;
  });
  expect(status).toBe(200);
  expect(turns).toBeGreaterThanOrEqual(25);
  // Those of fifty, two by two; of all there would be sixty. PostgreSQL answers each query in another turn.
  if (site.app.db.engine === "sqlite") expect(turns).toBeLessThan(50);
});
