import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { sql } from "kysely";
import { Check, Errors } from "typebox/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { personalTables } from "../../src/app/personal-data.ts";
import { exportSchema } from "../../src/rights/export-schema.ts";
import { openArchive } from "../support/archive.ts";
import { addPasskey } from "../support/passkeys.ts";
import { makePerson, type Person, tokenOf } from "../support/people.ts";
import { seedByStaff, seedConsents, seedServices } from "../support/personal-rows.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Everything that is kept about an account, for its owner and nobody else. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp({ env: { TERMS_VERSION: "2026-11" } });
});
afterAll(() => site.close());

const ask = (token: string) => site.as(token)({ method: "POST", url: "/user/export/" });
const fetchOne = (token: string, id: string) => site.as(token)({ url: `/user/export/${id}/` });
const list = async (token: string) => (await site.as(token)({ url: "/user/export/" })).json().exports;

async function exported({ token }: Pick<Person, "token">) {
  const asked = await ask(token);
  expect(asked.statusCode, asked.body).toBe(202);
  await site.runJobs();
  const answer = await fetchOne(token, asked.json().id);
  expect(answer.statusCode).toBe(200);
  return { ...openArchive(answer.rawPayload), headers: answer.headers, id: asked.json().id as string };
}

describe("asking for one's data", () => {
  it("is answered with a ZIP once it is ready, kept for seven days and told by mail", async () => {
    const person = await makePerson(site, "curious1", { email: "curious1@example.com" });
    const asked = await ask(person.token);
    expect(asked.json()).toMatchObject({ state: "preparing", ready_at: null, bytes: null });
    expect((await fetchOne(person.token, asked.json().id)).statusCode).toBe(404);
    await site.runJobs();
    const [ready] = await list(person.token);
    expect(ready).toMatchObject({ state: "ready", bytes: expect.any(Number) });
    expect(Date.parse(ready.expires_at)).toBe(site.clock.now() + 7 * 86_400_000);
    const kinds = site.mailbox.filter(({ to }) => to === "curious1@example.com").map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["data_export_asked", "data_export_ready"]));
    const answer = await fetchOne(person.token, ready.id);
    expect(answer.headers).toMatchObject({
      ...{ "content-type": "application/zip", "cache-control": "no-store" },
      "content-disposition": expect.stringContaining("attachment"),
    });
    site.clock.advance(7 * 86_400 + 1);
    const later = await tokenOf(site, "curious1");
    expect((await fetchOne(later, ready.id)).statusCode).toBe(404);
    await site.app.maintenance.run();
    expect(await site.app.db.kysely.selectFrom("data_exports").selectAll().execute()).toEqual([]);
  });

  it("works once a day", async () => {
    const { token } = await makePerson(site, "hasty001");
    expect((await ask(token)).statusCode).toBe(202);
    const again = await ask(token);
    expect([again.statusCode, again.headers["retry-after"]]).toEqual([429, "86400"]);
    site.clock.advance(86_400);
    expect((await ask(await tokenOf(site, "hasty001"))).statusCode).toBe(202);
  });

  it("hands nobody another's, and tells no unconfirmed address", async () => {
    const owner = await makePerson(site, "owner001", { email: "owner001@example.com" });
    await site.app.db.kysely
      .updateTable("users")
      .set({ email_verified: 0 })
      .where("id", "=", owner.id)
      .execute();
    const { id } = await exported(owner);
    const other = await makePerson(site, "other001");
    expect((await fetchOne(other.token, id)).statusCode).toBe(404);
    expect((await site.anonymous({ url: `/user/export/${id}/` })).statusCode).toBe(401);
    const kinds = site.mailbox.filter(({ to }) => to === "owner001@example.com").map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind?.startsWith("data_export"))).toEqual([]);
  });

  it("asks whoever has no recent log-in to prove themselves, to ask and to fetch", async () => {
    const person = await makePerson(site, "stale001");
    const { id } = await exported(person);
    site.clock.advance(901);
    for (const answer of [await ask(person.token), await fetchOne(person.token, id)]) {
      const asked = { code: "reauthentication_required", action: "export" };
      expect([answer.statusCode, answer.json()]).toEqual([403, expect.objectContaining(asked)]);
    }
  });

  it("lies encrypted in the database", async () => {
    const person = await makePerson(site, "sealed01");
    const { id } = await exported(person);
    const row = await site.app.db.kysely
      .selectFrom("data_exports")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    expect(row.sealed).toMatch(/^s1\./);
    expect(Buffer.from(row.sealed!.slice(3), "base64url").includes("PK\u0003\u0004")).toBe(false);
  });
});

/** What was asked for by somebody who lost a second factor, or a number. */
async function seedLosses(
  kysely: TestApp["app"]["db"]["kysely"],
  { user_id, username, now }: { user_id: number; username: string; now: number },
) {
  await kysely
    .insertInto("lost_factors")
    .values({
      ...{ id: `lost-${username}`, user_id, credentials_version: 1, asked_at: now, ripe_at: now },
      ...{ lapses_at: now, known_device: 0, ended_at: now, ended: "cancelled", cancelled_by: "link" },
    })
    .execute();
  await kysely
    .insertInto("number_leaves")
    .values({
      ...{ id: `leave-${username}`, user_id, credentials_version: 1, asked_at: now, due_at: now },
      ...{ ended_at: now, ended: "cancelled", cancelled_by: "owner" },
    })
    .execute();
}

/** Of every table that has something of a person, one row at least. */
async function seed(username: string): Promise<Person> {
  const signed = await site.signUp({ username, email: `${username}@example.com` });
  const person = { ...signed, token: await tokenOf(site, username).catch(() => signed.token) };
  const { kysely } = site.app.db;
  const { id: user_id } = person;
  const now = site.clock.now();
  await kysely
    .insertInto("bindings")
    .values({
      ...{ provider: "qq", account_key: `unionid:${username}`, user_id, nickname: "<b>三哥</b>" },
      ...{ avatar: null, is_alias: 0, created_at: now, last_login_at: null },
    })
    .execute();
  await kysely
    .insertInto("extra_fields")
    .values({ user_id, fields: '{"company":"三哥公司"}', updated_at: now })
    .execute();
  await seedConsents(kysely, user_id, now);
  await seedServices(kysely, user_id, now);
  const held = { name_key: `${username}-before`, kind: "username" as const, given_up_at: now };
  await kysely
    .insertInto("held_names")
    .values({ ...held, user_id })
    .execute();
  await kysely
    .insertInto("address_changes")
    .values({ user_id, field: "mobile", changed_at: now, value_before: "13800000009", verified_before: 0 })
    .execute();
  await kysely
    .insertInto("log_in_refusals")
    .values({ user_id, reason: "wrong_password", network: "203.0.113", refused_at: now, times: 2 })
    .execute();
  await kysely
    .insertInto("delivery_addresses")
    .values({
      ...{ user_id, title: "home", receiver: username, place: "1 Long Street", mobile: "13800138000" },
      ...{ tel: "", email: "", province_id: 110000, city_id: 110100, district_id: 110101 },
      ...{ created_at: now, updated_at: now, deleted_at: null },
    })
    .execute();
  const gone = { joined_id: 9_000_000 + user_id, at: now, joined_by: "owner" as const };
  await kysely
    .insertInto("account_joins")
    .values({ user_id, ...gone })
    .execute();
  await seedLosses(kysely, { user_id, username, now });
  await seedByStaff(kysely, user_id, now);
  await kysely.insertInto("django_imports").values({ user_id, facts: "v:0" }).execute();
  await kysely
    .insertInto("invitations")
    .values({
      ...{ token_mac: `mac-${username}`, email: "friend@example.com", group_id: null, maker_id: user_id },
      ...{ max_uses: 1, created_at: now, expires_at: now + 1000 },
    })
    .execute();
  await site.app.db.transaction(async (transaction) => {
    const group = { name: `buyers-${username}`, permissions: [] };
    const { id } = await site.app.groups.add(transaction, group);
    await site.app.groups.setOfUser(transaction, user_id, [id]);
    await site.app.groups.grantToUser(transaction, user_id, ["users.view_user"]);
  });
  await addPasskey(site, person.token);
  await switchOnSecondFactor(site, username);
  await kysely
    .insertInto("remembered_devices")
    .values({
      ...{ id: `device-${username}`, user_id, secret_hash: "hash-of-cookie", credentials_version: 1 },
      ...{ browser: "Chrome/Windows", network: "203.0.113", created_at: now, last_used_at: now },
    })
    .execute();
  return person;
}

describe("what is in it", () => {
  let person: Person;
  let all: Awaited<ReturnType<typeof exported>>;
  beforeAll(async () => {
    person = await seed("complete");
    const token = await proved(person);
    all = await exported({ token });
  });

  it.each(personalTables.map((one) => [one.table, one] as const))(
    "every row of %s, with each column that is not withheld",
    async (table, { columns }) => {
      const shown = Object.keys(columns).filter((name) => typeof columns[name] === "string");
      const rows = await ownRows(table, person.id);
      expect(rows, `nothing was seeded in ${table}`).not.toBe(0);
      if (shown.length === 0) return expect(all.data.tables).not.toHaveProperty(table);
      const found = all.data.tables[table]!;
      // What was written after the export is the mail that it is ready, and its entry.
      expect(found.length).toBeGreaterThanOrEqual(Math.min(rows, 1));
      if (!["mails", "audit_entries"].includes(table)) expect(found).toHaveLength(rows);
      for (const row of found) expect(Object.keys(row).toSorted()).toEqual(shown.toSorted());
    },
  );

  it("no hash, key, token or code", async () => {
    const { kysely } = site.app.db;
    const user = await kysely
      .selectFrom("users")
      .selectAll()
      .where("id", "=", person.id)
      .executeTakeFirstOrThrow();
    const totp = await kysely.selectFrom("totp_factors").select("sealed").executeTakeFirstOrThrow();
    const key = await kysely
      .selectFrom("passkeys")
      .select(["public_key", "credential_id"])
      .executeTakeFirst();
    const sessions = await kysely
      .selectFrom("sessions")
      .select("id")
      .where("user_id", "=", person.id)
      .execute();
    const secrets = [
      ...[user.password_hash, String(user.credentials_version), totp.sealed, key!.public_key],
      ...[key!.credential_id, "hash-of-cookie", "mac-complete", "friend@example.com"],
      ...sessions.map(({ id }) => id),
    ];
    const text = JSON.stringify(all.data) + all.page;
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });

  it("a page in the reader's language, in which a nickname is no mark-up", () => {
    expect(all.page).toContain("您的账号数据");
    expect(all.page).toContain("&lt;b&gt;三哥&lt;/b&gt;");
    expect(all.page).not.toMatch(/<b>|<script|https?:\/\/[^"]*\.js/);
  });

  it("fits the published schema, which is docs/export.schema.json", () => {
    const published = JSON.parse(
      readFileSync(resolve(import.meta.dirname, "../../../docs/export.schema.json"), "utf8"),
    );
    expect(published).toEqual(exportSchema(personalTables));
    // A validator that is not ours, with every word of the schema; and one that sees a fault.
    expect(Errors(published, all.data)).toEqual([true, []]);
    for (const spoilt of [
      { ...all.data, schema_version: 2 },
      { ...all.data, left_out: undefined },
      { ...all.data, tables: { ...all.data.tables, wallet: [] } },
      {
        ...all.data,
        tables: { ...all.data.tables, users: [{ ...all.data.tables.users![0], joined_at: "soon" }] },
      },
    ]) {
      expect(Check(published, JSON.parse(JSON.stringify(spoilt)))).toBe(false);
    }
  });
});

/** How many rows of the table are the account's, asked of the database alone. */
async function ownRows(table: string, id: number): Promise<number> {
  const columns: Readonly<Record<string, string>> = {
    ...{ users: "id", invitations: "maker_id", bulk_runs: "actor_id" },
    audit_entries: "target_id",
  };
  const owner = columns[table] ?? "user_id";
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from ${sql.table(table)} where ${sql.ref(owner)} = ${id}
  `.execute(site.app.db.kysely);
  return Number(rows[0]!.n);
}

/** A token of somebody whose second factor was just given. */
async function proved({ id, token }: Person): Promise<string> {
  const now = site.clock.now();
  await site.app.db.kysely
    .updateTable("sessions")
    .set({ proved_at: now, factor: "totp" })
    .where("user_id", "=", id)
    .execute();
  return token;
}
