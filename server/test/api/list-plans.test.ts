import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mailStates } from "../../src/engines/database/tables.ts";
import { cursorOf } from "../../src/sessions/session-history.ts";
import { makePerson, type Person } from "../support/people.ts";
import { openPlans, type SentStatement, statementsDuring } from "../support/statement-plans.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * No list goes through a table that grows: on SQLite, which is in the process, everybody would wait meanwhile. Judged by
 * the engine's own plan, never by time. How far a walk along an index goes is in user-list.test.ts, audit.test.ts and
 * mail-list.test.ts.
 */
let site: TestApp;
let root: Person;
const routes: { readonly url: string; readonly isList: boolean }[] = [];

beforeAll(async () => {
  site = await startTestApp({
    async describe(api) {
      api.addHook("onRoute", ({ url, method, schema }) => {
        const answer = JSON.stringify((schema?.response as Record<string, unknown> | undefined)?.[200] ?? {});
        if (method === "GET") routes.push({ url, isList: answer.includes('"array"') });
      });
    },
  });
  root = await makePerson(site, "rootuser", { is_superuser: 1, email: "root@example.com" });
});
afterAll(() => site.close());

const flags = [undefined, true, false] as const;
const some = <Value>(...values: Value[]) => [undefined, ...values];

/** Every combination of a list's parameters. */
function combinations(parameters: Readonly<Record<string, readonly unknown[]>>): string[] {
  let queries = [""];
  for (const [name, values] of Object.entries(parameters)) {
    queries = queries.flatMap((query) =>
      values.map((value) => (value === undefined ? query : `${query}&${name}=${value}`)),
    );
  }
  return queries.map((query) => query.replace("&", "?"));
}

/** Lists by their routes: what they are asked. */
const lists: Readonly<Record<string, readonly string[]>> = {
  "/admin/users/": [
    ...combinations({
      ...{ search: some("a", "root@example.com"), group: some(1), after: some(1) },
      ...{ is_active: flags, is_staff: flags, is_superuser: flags },
    }),
    ...combinations({
      ...{ search: some("a", "13800138000", "root@example.com"), match: some("exact", "contains") },
      ...{ after: some(1), confirmed: flags, provider: some("qq"), is_staff: some(true) },
    }),
  ],
  "/admin/users/:id/": [""],
  "/admin/users/:id/access/": [""],
  "/admin/jobs/": combinations({ state: some("waiting", "running", "done", "dead") }),
  "/admin/users/:id/sessions/": [""],
  "/admin/users/:id/log-ins/": combinations({ cursor: some(cursorOf({ created_at: 2, id: "session" })) }),
  "/admin/users/:id/notes/": [""],
  "/admin/users/:id/impersonation/": [""],
  "/admin/users/bulk/": [""],
  "/admin/denials/": [""],
  "/admin/refusals/": combinations({ before: some(9) }),
  "/admin/blocks/locked/": [""],
  "/admin/blocks/": ["?name=rootuser", "?address=192.0.2.1"],
  "/admin/audit/": combinations({
    action: some("user"),
    since: some("2026-01-01"),
    kind: some("user"),
    target: some(1),
    actor: some(1),
    before: some(9),
  }),
  "/admin/mails/": combinations({
    ...{
      user: some(1),
      to: some("root@example.com", "nobody@example.com"),
      state: some(...mailStates),
      before: some(9),
    },
  }),
  "/admin/webhooks/": [""],
  "/admin/webhooks/:id/deliveries/": combinations({ before: some(9) }),
  "/admin/services/": [""],
  "/admin/keys/": [""],
  "/admin/providers/": [""],
  "/admin/settings/": [""],
  "/admin/doctor/": [""],
  "/admin/data-requests/deletions/": combinations({ after: some("1-1") }),
  "/admin/data-requests/exports/": combinations({ after: some("1-abc") }),
  "/admin/data-requests/number-leaves/": combinations({ after: some("1-abc") }),
  "/admin/mails/templates/": [""],
  "/admin/runs/": combinations({ before: some(9) }),
  "/admin/invitations/": combinations({ before: some(9) }),
  "/admin/groups/": [""],
  "/admin/groups/:id/": [""],
  "/admin/permissions/": [""],
  "/admin/sms/templates/": [""],
  "/user/": [""],
  "/users/user/detail/": [""],
  "/user/reauthentication/": [""],
  "/user/remembered-devices/": [""],
  "/.well-known/jwks.json": [""],
  "/user/sessions/": [""],
  "/user/log-ins/": combinations({ cursor: some(cursorOf({ created_at: 2, id: "session" })) }),
  "/user/bindings/": [""],
  "/user/consents/": [""],
  "/user/export/": [""],
  "/user/passkeys/": [""],
  "/user/second-factor/": [""],
  "/.well-known/webauthn": [""],
  "/admin/overview/": [""],
  "/user/permissions/": [""],
  "/oauth/providers/": [""],
};

/** What grows with administrators alone, or by one row in a long time. */
const small = new Set([
  ...["groups", "group_permissions", "permissions", "services", "signing_keys", "schema_migrations"],
  ...["installation", "webhook_endpoints", "audit_marks", "denials"],
  // No table: what a part of a query with a limit is called.
  "some",
]);

/** A list without any condition, which ends after a page; the first page of one is. */
const isFirstPage = (sql: string) => /\blimit\b/.test(sql) && !/\bwhere\b/.test(sql);

/** A count that ends at a number of rows, from an index. */
const isBounded = (sql: string) =>
  /from \(select "sequence" from "jobs" .* limit (?:\$?\d+)\) as "some"$/.test(sql);

test("every list is here", () => {
  const known = routes.filter(({ isList }) => isList).map(({ url }) => url);
  expect([...new Set(known)].filter((url) => !(url in lists))).toEqual([]);
});

test.each(Object.keys(lists))("GET %s goes through no table", async (route) => {
  const urls = lists[route]!.map((query) => `${route.replace(/:\w+/, String(root.id))}${query}`);
  const call = site.as(root.token);
  const sent = await statementsDuring(async () => {
    for (const url of urls) expect((await call({ url })).statusCode, url).toBeLessThan(500);
  });
  const plans = await openPlans(site.config);
  try {
    const reads = sent.filter(
      ({ sql }) => /^(select|with)\s/.test(sql) && !isFirstPage(sql) && !isBounded(sql),
    );
    const scans: string[] = [];
    for (const read of reads) scans.push(...(await scansOf(plans, read)));
    expect(scans).toEqual([]);
  } finally {
    await plans.close();
  }
});

async function scansOf(plans: Awaited<ReturnType<typeof openPlans>>, read: SentStatement) {
  const tables = (await plans.scannedBy(read)).filter((table) => !small.has(table));
  return tables.map((table) => `${table}: ${read.sql}`);
}

test("what is judged begins where its SQL does", async () => {
  const { kysely, engine } = site.app.db;
  const unlike = `x${Date.now()}`;
  const raw = sql`
      select id from mails where kind = ${sql.lit(unlike)}`;
  const sent = await statementsDuring(() => raw.execute(kysely));
  expect(sent.map(({ sql: text }) => text)).toEqual([`select id from mails where kind = '${unlike}'`]);
  const plans = await openPlans(site.config);
  expect([engine, await plans.scannedBy(sent[0]!)]).toEqual([engine, ["mails"]]);
  await plans.close();
});

test("the judge finds a list that does", async () => {
  const plans = await openPlans(site.config);
  const { sql } = site.app.db.kysely.selectFrom("mails").select("id").where("kind", "=", "x").compile();
  expect(await plans.scannedBy({ sql, values: ["x"] })).toEqual(["mails"]);
  await plans.close();
});
