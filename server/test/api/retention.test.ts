import { Redis } from "ioredis";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { retentionDocument, tables } from "../../../scripts/retention.ts";
import type { Going } from "../../../scripts/retention-of-programs.ts";
import { insertUsedCode } from "../../src/codes/used-codes.ts";
import { kvFamilies } from "../../src/engines/kv/kv.ts";
import { createSqlKv } from "../../src/engines/kv/sql-kv.ts";
import { createMailRecord } from "../../src/engines/mail/mail-record.ts";
import { createMailboxMailer } from "../../src/engines/mail/mailbox-mailer.ts";
import { addPasskey } from "../support/passkeys.ts";
import { makePerson } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { seedConsents } from "../support/seed-consents.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** docs/retention.md is true: what it says goes by itself does, what goes with its owner does, and keys have an end. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

const namesOf = (going: Going) => tables.filter((one) => one.going === going).map(({ name }) => name);
const many = 1200;
const numbers = Array.from({ length: many }, (_, n) => n);

async function count(name: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(
    site.app.db.kysely,
  );
  return Number(rows[0]!.n);
}

/** As uploads that were never shown. */
async function storePictures(kind: string): Promise<void> {
  const created_at = site.clock.now();
  const { id } = await makePerson(site, `${kind}-owner`);
  const place = { user_id: id, store: "database" as const, created_at, due_at: created_at + 3_600_000 };
  const rows = numbers.map((n) => ({ name: `${kind}${n}`, ...place }));
  await site.app.db.kysely.insertInto("avatars").values(rows).execute();
}

const bulkRun = (n: number) => ({
  ...{ id: `run${n}`, actor_id: null, actor: "boss", action: "enable" as const, reason: "as asked for" },
  ...{ group_id: null, total: 1, started_at: site.clock.now(), finished_at: null },
});

/** More of each than one step of the maintenance removes, as the product writes it. */
const fill: Readonly<Record<string, () => Promise<unknown>>> = {
  denials: () =>
    site.app.db.kysely
      .insertInto("denials")
      .values(
        numbers.map((n) => ({
          ...{ id: `denial${n}`, kind: "domain" as const, value: `${n}.example` },
          ...{ shown: `${n}.example`, reason: "junk" },
          ...{ made_by: "boss", created_at: site.clock.now(), ends_at: site.clock.now() + 1000 },
        })),
      )
      .execute(),
  async bulk_runs() {
    await site.app.db.kysely.insertInto("bulk_runs").values(numbers.map(bulkRun)).execute();
  },
  async bulk_run_accounts() {
    const { id: user_id } = await makePerson(site, "bulk-owner");
    const runs = numbers.map((n) => bulkRun(n + 1000));
    await site.app.db.kysely.insertInto("bulk_runs").values(runs).execute();
    const rows = runs.map(({ id }) => ({ run_id: id, user_id, outcome: "done" }));
    await site.app.db.kysely.insertInto("bulk_run_accounts").values(rows).execute();
  },
  first_superuser_links: () =>
    site.app.db.kysely
      .insertInto("first_superuser_links")
      .values(numbers.map((n) => ({ id: n, token_digest: `${n}`, expires_at: site.clock.now() + 1000 })))
      .execute(),
  hourly_counts: () =>
    site.app.db.kysely
      .insertInto("hourly_counts")
      .values(
        numbers.map((n) => ({ hour: Math.floor(site.clock.now() / 3_600_000), name: `name${n}`, count: 1 })),
      )
      .execute(),
  async known_devices() {
    const now = site.clock.now();
    const { id } = await makePerson(site, "device-owner");
    const rows = numbers.map((n) => ({
      ...{
        user_id: id,
        device_key: `key${n}`,
        credentials_version: 0,
        first_seen_at: now,
        last_seen_at: now,
      },
    }));
    await site.app.db.kysely.insertInto("known_devices").values(rows).execute();
  },
  avatars: () => storePictures("picture"),
  async avatar_files() {
    await storePictures("file");
    const files = numbers.map((n) => ({ name: `file${n}`, content: "" }));
    await site.app.db.kysely.insertInto("avatar_files").values(files).execute();
  },
  async device_notices() {
    const last_seen_at = site.clock.now();
    const { id } = await makePerson(site, "notice-owner");
    const rows = numbers.map((n) => ({ user_id: id, device_key: `key${n}`, mark: "mark", last_seen_at }));
    await site.app.db.kysely.insertInto("device_notices").values(rows).execute();
  },
  async remembered_devices() {
    const now = site.clock.now();
    const { id } = await makePerson(site, "trusting-owner");
    const rows = numbers.map((n) => ({
      ...{ id: `device${n}`, user_id: id, secret_hash: `hash${n}`, credentials_version: 0 },
      ...{ browser: "Firefox/Linux", network: "192.0.2.*", created_at: now, last_used_at: now },
    }));
    await site.app.db.kysely.insertInto("remembered_devices").values(rows).execute();
  },
  async log_in_refusals() {
    const refused_at = site.clock.now();
    const { id } = await makePerson(site, "refused-owner");
    const rows = numbers.map((n) => ({
      user_id: id,
      reason: "disabled",
      network: `n${n}`,
      refused_at,
      times: 1,
    }));
    await site.app.db.kysely.insertInto("log_in_refusals").values(rows).execute();
  },
  async delivery_addresses() {
    const now = site.clock.now();
    const { id } = await makePerson(site, "delivery-owner");
    const rows = numbers.map((n) => ({
      ...{
        user_id: id,
        title: `t${n}`,
        receiver: "r",
        place: "p",
        mobile: "13800138000",
        tel: "",
        email: "",
      },
      ...{ province_id: 110000, city_id: 110100, district_id: 110101 },
      ...{ created_at: now, updated_at: now, deleted_at: now },
    }));
    await site.app.db.kysely.insertInto("delivery_addresses").values(rows).execute();
  },
  async lost_factors() {
    const now = site.clock.now();
    const { id } = await makePerson(site, "lost-owner");
    const rows = numbers.map((n) => ({
      ...{ id: `lost${n}`, user_id: id, credentials_version: 0, asked_at: now, ripe_at: now, lapses_at: now },
      ...{ known_device: 0 as const, ended_at: now, ended: "expired" as const, cancelled_by: null },
    }));
    await site.app.db.kysely.insertInto("lost_factors").values(rows).execute();
  },
  async number_leaves() {
    const now = site.clock.now();
    const { id } = await makePerson(site, "leave-owner");
    const rows = numbers.map((n) => ({
      ...{ id: `leave${n}`, user_id: id, credentials_version: 0, asked_at: now, due_at: now },
      ...{ ended_at: now, ended: "done" as const, cancelled_by: null },
    }));
    await site.app.db.kysely.insertInto("number_leaves").values(rows).execute();
  },
  async account_joins() {
    const { id } = await makePerson(site, "join-owner");
    const rows = numbers.map((n) => ({
      ...{ joined_id: 9_000_000 + n, user_id: id, at: site.clock.now(), joined_by: "owner" as const },
    }));
    await site.app.db.kysely.insertInto("account_joins").values(rows).execute();
  },
  async address_changes() {
    const now = site.clock.now();
    const { id } = await makePerson(site, "address-owner");
    const before = { field: "email" as const, value_before: null, verified_before: 0 as const };
    const rows = numbers.map((n) => ({ ...before, user_id: id, changed_at: now + n }));
    await site.app.db.kysely.insertInto("address_changes").values(rows).execute();
  },
  async sessions() {
    const now = site.clock.now();
    const { id } = await makePerson(site, "session-owner");
    const rows = numbers.map((n) => ({
      ...{ id: `session${n}`, user_id: id, credentials_version: 0, way: "password", provider: null },
      ...{ user_agent: "", network: "192.0.2.0", created_at: now, last_seen_at: now },
      ...{ expires_at: now + 1000, idle_seconds: null, ended_at: null, ended_by: null },
      ...{ proved_at: now, factor: null },
    }));
    await site.app.db.kysely.insertInto("sessions").values(rows).execute();
  },
  async signing_keys() {
    const now = site.clock.now();
    const rows = numbers.map((n) => ({
      ...{ turn: n + 1, algorithm: "HS256" as const, kid: "HS256", sealed: null, dropped_at: null },
      ...{ made_at: now, signs_from: now, token_life: 86_400 },
    }));
    await site.app.db.kysely.insertInto("signing_keys").values(rows).execute();
  },
  async invitations() {
    const created_at = site.clock.now();
    const rows = numbers.map((n) => ({
      ...{ token_mac: `mac${n}`, email: null, group_id: null, maker_id: null, max_uses: 1 },
      ...{ created_at, expires_at: created_at + 1000 },
    }));
    await site.app.db.kysely.insertInto("invitations").values(rows).execute();
  },
  async services() {
    const created_at = site.clock.now();
    const rows = numbers.map((n) => ({
      ...{ name: `service${n}`, scopes: "users.view_user", networks: "", created_at },
      ...{ expires_at: created_at + 1000, last_used_at: null },
    }));
    await site.app.db.kysely.insertInto("services").values(rows).execute();
  },
  async service_secrets() {
    const operator = { id: null, name: "test", requestId: null };
    const input = { name: "rotated", scopes: ["users.view_user"], networks: [], lifeSeconds: 1 };
    const { service } = await site.app.services.add(operator, input);
    const now = site.clock.now();
    const rows = numbers.map((n) => ({
      ...{ secret_mac: `mac${n}`, service_id: service.id, created_at: now, ends_at: now + 1000 },
    }));
    await site.app.db.kysely.insertInto("service_secrets").values(rows).execute();
  },
  async deletion_holds() {
    const held_at = site.clock.now();
    const { id } = await makePerson(site, "held-owner");
    const rows = numbers.map((n) => ({
      ...{ user_id: id, service: `service${n}`, reason: "open orders", held_at, held_until: held_at + 1000 },
    }));
    await site.app.db.kysely.insertInto("deletion_holds").values(rows).execute();
  },
  async webhook_deliveries() {
    const operator = { id: null, name: "test", requestId: null };
    const input = { url: "https://shop.example/in", events: ["webhook.test"] };
    const { endpoint } = await site.app.webhooks.add(operator, input);
    const now = site.clock.now();
    const rows = numbers.map((n) => ({
      ...{ endpoint_id: endpoint.id, message_id: `msg${n}`, type: "webhook.test", body: "{}" },
      ...{ state: "delivered" as const, attempts: 1, due_at: now, created_at: now },
    }));
    await site.app.db.kysely.insertInto("webhook_deliveries").values(rows).execute();
  },
  async held_names() {
    const given_up_at = site.clock.now();
    const rows = numbers.map((n) => ({
      name_key: `held${n}`,
      user_id: 1,
      kind: "email" as const,
      given_up_at,
    }));
    await site.app.db.kysely.insertInto("held_names").values(rows).execute();
  },
  async data_exports() {
    const now = site.clock.now();
    const { id: user_id } = await makePerson(site, "export-owner");
    const row = { user_id, language: "zh", asked_at: now, expires_at: now + 1000 };
    const rows = numbers.map((n) => ({
      ...row,
      id: `export${n}`,
      ready_at: null,
      bytes: null,
      sealed: null,
    }));
    await site.app.db.kysely.insertInto("data_exports").values(rows).execute();
  },
  async erased_names() {
    const given_up_at = site.clock.now();
    const rows = numbers.map((n) => ({ digest: `digest${n}`, given_up_at }));
    await site.app.db.kysely.insertInto("erased_names").values(rows).execute();
  },
  async deleted_accounts() {
    const deleted_at = site.clock.now();
    const rows = numbers.map((n) => ({ user_id: 1_000_000 + n, deleted_at }));
    await site.app.db.kysely.insertInto("deleted_accounts").values(rows).execute();
  },
  async mails() {
    const record = createMailRecord({ db: site.app.db, clock: site.clock });
    for (const n of numbers)
      await record.queued(site.app.db, `mail${n}`, { kind: "register", to: "44@qq.com" });
  },
  used_codes: () =>
    Promise.all(numbers.map((n) => insertUsedCode(site.app.db, `code${n}`, site.clock.now() + 1000))),
  async kv_entries() {
    const kv = createSqlKv(site.app.db, site.clock);
    for (const n of numbers) await kv.set(`{kept${n}}:limit`, "1", 60);
  },
  async jobs() {
    await site.runJobs();
    const now = site.clock.now();
    const rows = numbers.map((n) => ({
      ...{ id: `job${n}`, name: "verification-mail", payload: "{}", created_at: now, due_at: 0, attempts: 1 },
      ...{ state: n % 2 === 0 ? ("done" as const) : ("dead" as const), finished_at: now, deadline_at: null },
      last_error: null,
    }));
    await site.app.db.kysely.insertInto("jobs").values(rows).execute();
  },
  async mailbox_messages() {
    const { send } = createMailboxMailer({ db: site.app.db, clock: site.clock });
    const mail = { to: "44@qq.com", subject: "s", text: "t", html: "h" };
    for (const n of numbers) await send({ ...mail, messageId: `mail${n}` });
  },
};
/** What is kept by number and not by time. */
const mostKept: Readonly<Record<string, number>> = { mailbox_messages: 1050, signing_keys: 1 };

test("a table that has no row in the page is named", () => {
  const schema = tables.map(({ name }) => `CREATE TABLE ${name} (id);`).join("\n");
  expect(retentionDocument(schema)).toContain("`known_devices`");
  expect(() => retentionDocument(`${schema}\nCREATE TABLE wallet (id);`)).toThrow(
    /no row for the table wallet/,
  );
  expect(() => retentionDocument(schema.replace("CREATE TABLE jobs", ""))).toThrow(/nothing there for jobs/);
});

describe("nothing grows for ever", () => {
  test.each(namesOf("itself"))("%s is filled, the clock is moved, and it is gone", async (name) => {
    await fill[name]!();
    expect(await count(name)).toBeGreaterThanOrEqual(name === "mailbox_messages" ? 1000 : many);
    // Not before its time.
    if (name !== "mailbox_messages") {
      const before = await count(name);
      await site.app.maintenance.run();
      expect(await count(name)).toBe(before);
    }
    site.clock.advance(400 * 86_400);
    await site.app.maintenance.run();
    expect(await count(name)).toBeLessThanOrEqual(mostKept[name] ?? 0);
  });

  test("what belongs to an account, a group or a permission goes with it", async () => {
    const { kysely } = site.app.db;
    const person = await makePerson(site, "leaver01", { permissions: ["users.view_user"] });
    const { id: groupId } = await site.app.db.transaction((transaction) =>
      site.app.groups.add(transaction, { name: "leavers", permissions: ["users.view_user"] }),
    );
    await site.app.db.transaction((transaction) =>
      site.app.groups.setOfUser(transaction, person.id, [groupId]),
    );
    await kysely.insertInto("django_imports").values({ user_id: person.id, facts: "v:0" }).execute();
    const binding = { provider: "qq", account_key: "unionid:leaver", nickname: null, avatar: null };
    await kysely
      .insertInto("bindings")
      .values({ ...binding, user_id: person.id, is_alias: 0, created_at: 1, last_login_at: null })
      .execute();
    const user_id = person.id;
    await seedConsents(site, user_id);
    const by = { reason: "as asked for", disabled_by: "boss", disabled_at: 1, ends_at: null };
    await kysely
      .insertInto("disablings")
      .values({ user_id, ...by })
      .execute();
    const note = { id: "note", author: "boss", text: "called", created_at: 1 };
    await kysely
      .insertInto("user_notes")
      .values({ user_id, ...note })
      .execute();
    await kysely.insertInto("extra_fields").values({ user_id, fields: "{}", updated_at: 1 }).execute();
    await addPasskey(site, person.token);
    await switchOnSecondFactor(site, person.username);
    const owned = namesOf("owner");
    const counts = async () =>
      Object.fromEntries(await Promise.all(owned.map(async (name) => [name, await count(name)] as const)));
    const before = await counts();
    for (const name of owned) expect([name, before[name]! > 0]).toEqual([name, true]);
    await kysely.deleteFrom("users").execute();
    await kysely.deleteFrom("groups").execute();
    expect(await counts()).toEqual(Object.fromEntries(owned.map((name) => [name, 0])));
  });

  test("every key that visitors make has an end", async () => {
    await site.signUp({ username: "visitor01", email: "visitor01@example.com" });
    await site.codeFor("visitor01@example.com", "resetpwd");
    const payload = { username: "visitor01", password: "wrong-one" };
    await site.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    const { redisUrl } = site.config;
    const seen = redisUrl === null ? await entriesOfTable() : await entriesOfRedis(redisUrl);
    expect(seen.length).toBeGreaterThan(3);
    for (const { name, lifeSeconds } of seen) {
      expect(kvFamilies).toContain(/^\{[^}]+\}:([a-z]+)/.exec(name)?.[1]);
      expect([name, lifeSeconds > 0 && lifeSeconds <= 86_400]).toEqual([name, true]);
    }
  });
});

async function entriesOfTable() {
  const rows = await site.app.db.kysely.selectFrom("kv_entries").selectAll().execute();
  return rows.map(({ entry_key, expires_at }) => ({
    ...{ name: entry_key, lifeSeconds: (expires_at - site.clock.now()) / 1000 },
  }));
}

async function entriesOfRedis(url: string) {
  const redis = new Redis(url);
  try {
    const names = (await redis.keys("*")).filter((name) => !name.startsWith("{meiduo}:"));
    return await Promise.all(names.map(async (name) => ({ name, lifeSeconds: await redis.ttl(name) })));
  } finally {
    await redis.quit();
  }
}
