import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { djangoDatabase } from "../../../test/support/django-database.ts";
import { runImport } from "../../../test/support/django-import.ts";
import { enginePairs, temporaryDatabase } from "../../../test/support/test-engines.ts";
import type { Database } from "../../engines/database/database.ts";

/** Receivers of webhooks are told of what an import brings and changes, in its own transactions. */
const at = "'2026-01-01 00:00:00'";
const accounts = 250;
let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-import-events-"));
  source = join(folder, "source.sqlite3");
  const made = djangoDatabase(source);
  for (let id = 1; id <= accounts; id++) made.user({ id, username: `user${id}`, email: `u${id}@qq.com` });
  made.exec("insert into auth_group values (1, 'support')");
  made.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function change(sql: string): void {
  const database = new DatabaseSync(source);
  database.exec(sql);
  database.close();
}

describe.each(enginePairs)("an import into %s", (pair) => {
  let db: Database;
  beforeEach(async () => {
    db = await temporaryDatabase(pair);
    await db.kysely
      .insertInto("webhook_endpoints")
      .values({
        ...{ url: "https://shop.example/in", events: "", state: "on", sealed: "sealed" },
        ...{ created_at: 1, updated_at: 1, paused_until: 0 },
      })
      .execute();
  });
  afterEach(() => db.close());

  /** What was told since the last look: the event and whom it is about. */
  async function told() {
    const rows = await db.kysely.deleteFrom("webhook_deliveries").returning(["id", "body"]).execute();
    return rows
      .toSorted((one, other) => Number(one.id) - Number(other.id))
      .map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> });
  }

  it("tells of every new account once, a hundred in an event, by ids alone", async () => {
    await runImport(db, source, { dryRun: true });
    expect(await told()).toEqual([]);
    await runImport(db, source);
    const events = await told();
    expect(events.map(({ type }) => type)).toEqual(Array(3).fill("accounts.imported"));
    const ids = events.flatMap(({ data }) => data.user_ids as number[]);
    expect(ids).toEqual(Array.from({ length: accounts }, (_, i) => i + 1));
    expect(JSON.stringify(events)).not.toMatch(/qq\.com|user1\b/);
    await runImport(db, source);
    expect(await told()).toEqual([]);
  });

  it("tells of accounts that gained or changed something, each with its version", async () => {
    await runImport(db, source);
    await told();
    change(`
      insert into tb_users_groups values (1, 7, 1);
      insert into tb_oauth_user values (1, ${at}, ${at}, 'QQ9', 9, '1');
      update tb_users set first_name = 'changed' where id = 11;
      update tb_users set email = 'other12@qq.com' where id = 12;
      delete from tb_users where id = 13;
    `);
    await runImport(db, source, { update: true, disableDeleted: true });
    const events = await told();
    expect(events.map(({ type, data }) => [type, data.user_id])).toEqual([
      ["user.updated", 7],
      ["user.updated", 9],
      ["user.updated", 11],
      ["user.updated", 12],
      ["user.login_names_changed", 12],
      ["user.disabled", 13],
      ["user.updated", 13],
    ]);
    for (const { data } of events) {
      const { version } = await db.kysely
        .selectFrom("users")
        .select("version")
        .where("id", "=", Number(data.user_id))
        .executeTakeFirstOrThrow();
      expect(data.version).toBeGreaterThan(0);
      expect(Number(version)).toBeGreaterThanOrEqual(Number(data.version));
    }
  });
});
