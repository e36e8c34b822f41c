import { afterEach, beforeEach, expect, test } from "vitest";
import { temporarySqlite } from "../../../test/support/sqlite.ts";
import type { Database } from "../../engines/database/database.ts";
import { type ExportReport, exportDefaults, exportDjango } from "./export-django.ts";

/** A Django site finds its people again: by the openid, wherever it is known here. */
let db: Database;
beforeEach(async () => {
  db = await temporarySqlite();
  const times = { joined_at: 0, created_at: 0, updated_at: 0 };
  for (const id of [1, 2, 3, 4]) {
    const names = { username: `user${id}`, email: null, mobile: null, first_name: "", last_name: "" };
    const flags = { is_active: 1, is_staff: 0, is_superuser: 0, email_verified: 0 } as const;
    const secret = { password_hash: "!", password_trimmed: 0, credentials_version: 1 } as const;
    await db.kysely
      .insertInto("users")
      .values({ id, ...names, ...flags, ...secret, ...times })
      .execute();
  }
});
afterEach(() => db.close());

const bind = (user_id: number, provider: string, account_key: string, is_alias: 0 | 1 = 0) =>
  db.kysely
    .insertInto("bindings")
    .values({ user_id, provider, account_key, is_alias, nickname: null, avatar: null, created_at: 1 })
    .execute();

async function exported(models: string[] = ["oauth.oauthuser"]) {
  let text = "";
  const pieces = exportDjango(db, { ...exportDefaults, bindingModels: models });
  let piece = await pieces.next();
  for (; !piece.done; piece = await pieces.next()) text += piece.value;
  const rows = JSON.parse(text) as { model: string; fields: { user: number; openid: string } }[];
  const bindings = rows
    .filter(({ model }) => models.includes(model))
    .map(({ fields: { user, openid } }) => [user, openid]);
  return { bindings, report: piece.value as ExportReport };
}

test("QQ's people are written under their openids, not under the unionids they are bound by here", async () => {
  await bind(1, "qq", "UID_A");
  await bind(1, "qq", "A".repeat(32), 1);
  await bind(2, "qq", "B".repeat(32));
  await bind(3, "qq", "UID_C");
  await bind(3, "qq", "C".repeat(32), 1);
  await bind(3, "qq", "D".repeat(32));
  await bind(3, "weibo", "123");
  const { bindings, report } = await exported();
  expect(bindings.toSorted()).toEqual([
    [1, "A".repeat(32)],
    [2, "B".repeat(32)],
    [3, "123"],
    [3, "C".repeat(32)],
    [3, "D".repeat(32)],
  ]);
  expect(report).toMatchObject({
    ...{ bindings: 5, skippedBindings: 0 },
    withoutOpenid: { qq: { count: 0, firstIds: [] }, wechat: { count: 0, firstIds: [] } },
  });
});

test("what Django can't find by an openid is written as it is, and named", async () => {
  await bind(1, "qq", "UID_A");
  await bind(2, "qq", "B".repeat(32));
  await bind(4, "wechat", "unionid:o6_x");
  await bind(4, "wechat", "wx1:o6_y", 1);
  const { bindings, report } = await exported();
  expect(bindings.toSorted()).toEqual([
    [1, "UID_A"],
    [2, "B".repeat(32)],
    [4, "unionid:o6_x"],
  ]);
  expect(report.withoutOpenid).toEqual({
    qq: { count: 1, firstIds: [1] },
    wechat: { count: 1, firstIds: [4] },
  });
});

test("what no model has room for is left out, and not named as written", async () => {
  await bind(1, "qq", "UID_A");
  await bind(2, "weibo", "5");
  const { bindings, report } = await exported(["oauth.oauthsinauser"]);
  expect(bindings).toEqual([[2, "5"]]);
  expect(report).toMatchObject({ skippedBindings: 1, withoutOpenid: { qq: { count: 0 } } });
});
