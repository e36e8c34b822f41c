import { afterAll, beforeAll, expect, it } from "vitest";
import { worthlessLeaves } from "../../src/accounts/number-leave-store.ts";
import { forgetWritten } from "../../src/rights/forget-written.ts";
import { join, ready } from "../support/joining.ts";
import { makePerson } from "../support/people.ts";
import { statementsDuring } from "../support/statement-plans.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { eraseNow, turnsDuring } from "../support/turns.ts";

/** What looks at much gives up its turn between pages, and holds no transaction meanwhile: see no-standstill.test.ts. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

it("an erasure goes through the notes before its transaction, and within it only through those of late", async () => {
  const { kysely } = site.app.db;
  const { id } = await makePerson(site, "noted003", { email: "noted003@example.com" });
  const { id: user_id } = await makePerson(site, "noted004");
  const notes = Array.from({ length: 1200 }, (_, n) => ({
    ...{ id: `note${String(n).padStart(5, "0")}`, user_id, author: "clerk", created_at: n },
    text: n % 400 === 0 ? "from noted003@example.com" : "nothing",
  }));
  for (const from of [0, 600])
    await kysely
      .insertInto("user_notes")
      .values(notes.slice(from, from + 600))
      .execute();
  const sent = (await statementsDuring(() => eraseNow(site, id))).map(({ sql: text }) => text);
  const within = sent.findIndex((text) => text.startsWith('insert into "erased_names"'));
  const walked = sent.findLastIndex(
    (text) => text.includes("select max(page.key)") && text.includes("user_notes"),
  );
  expect(walked).toBeGreaterThan(-1);
  expect(within).toBeGreaterThan(walked);
  expect(sent.slice(within).filter((text) => text.includes('from "user_notes"'))).toEqual([
    expect.stringContaining("created_at >= "),
  ]);
  const left = await kysely.selectFrom("user_notes").select("text").where("text", "<>", "nothing").execute();
  expect(left.map(({ text }) => text)).toEqual(Array.from({ length: 3 }, () => "from (erased)"));
  // What is written while the notes are gone through, by a process whose clock is behind.
  const created_at = site.clock.now() - 60_000;
  const late = { id: "late", user_id, author: "clerk", created_at, text: "a@b.example" };
  await kysely
    .insertInto("user_notes")
    .values([late, { ...late, id: "old", created_at: 0, text: "a@b.example, c@d.example" }])
    .execute();
  await site.app.db.transaction((one) =>
    forgetWritten(one, ["a@b.example", "c@d.example"], {
      // The other is one that came meanwhile.
      ...{ nameKeys: new Set(["a@b.example"]), from: site.clock.now() },
    }),
  );
  const both = await kysely
    .selectFrom("user_notes")
    .select(["id", "text"])
    .where("id", "in", ["late", "old"])
    .execute();
  expect(Object.fromEntries(both.map((one) => [one.id, one.text]))).toEqual({
    late: "(erased)",
    old: "a@b.example, (erased)",
  });
  await kysely.deleteFrom("user_notes").execute();
});

it("a join does the same, but for one that is refused, and leaves names that are the other account's by then", async () => {
  // Of its own: SQLite shows a statement only the first time.
  const other = await startTestApp();
  const { kysely } = other.app.db;
  const kept = await makePerson(other, "keptnoted", { email: null });
  const joined = await makePerson(other, "goesnoted", { email: "goes@mail.example" });
  await kysely.updateTable("users").set({ email_verified: 1 }).where("id", "=", joined.id).execute();
  const held = {
    name_key: "left@mail.example",
    kind: "email",
    user_id: joined.id,
    given_up_at: other.clock.now(),
  } as const;
  await kysely.insertInto("held_names").values(held).execute();
  const text = "goes@mail.example and left@mail.example";
  const note = { id: "joins", user_id: kept.id, author: "clerk", created_at: 1, text };
  await kysely.insertInto("user_notes").values(note).execute();
  const noted = async () =>
    (await kysely.selectFrom("user_notes").select("text").where("id", "=", "joins").executeTakeFirst())?.text;
  const sent = await ready(other, kept, joined);
  expect((await join(other, kept, { ...sent, digest: `x${sent.digest}` })).statusCode).toBe(409);
  expect(await noted()).toBe(text);
  const said = (
    await statementsDuring(async () => {
      const answer = await join(other, kept, sent);
      expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
    })
  ).map(({ sql }) => sql);
  const within = said.findIndex((one) => one.startsWith('insert into "erased_names"'));
  const looked = said.flatMap((one, at) => (one.includes('from "user_notes"') ? [at] : []));
  expect(looked.filter((at) => at < within).length).toBeGreaterThan(0);
  expect(looked.filter((at) => at > within).map((at) => said[at])).toEqual([
    expect.stringContaining("created_at >= "),
  ]);
  expect(await noted()).toBe("goes@mail.example and (erased)");
  await other.close();
});

it("a count before a bulk change, and a look at who leaves a number, go page by page", async () => {
  const { kysely } = site.app.db;
  const staff = await makePerson(site, "bulkstaff", {
    is_staff: 1,
    permissions: ["users.view_user", "users.bulk_user"],
  });
  const now = site.clock.now();
  const many = Array.from({ length: 1100 }, (_, n) => ({
    ...{ username: `leaver${n}`, email: null, mobile: null, first_name: "", last_name: "" },
    ...({ password_hash: "!", password_trimmed: 0, email_verified: 0, credentials_version: 0 } as const),
    ...({ is_active: 1, is_staff: 0, is_superuser: 0 } as const),
    ...{ joined_at: now, created_at: now, updated_at: now },
  }));
  const ids: number[] = [];
  for (let from = 0; from < many.length; from += 500) {
    const made = await kysely
      .insertInto("users")
      .values(many.slice(from, from + 500))
      .returning("id")
      .execute();
    ids.push(...made.map(({ id }) => id));
  }
  const count = (payload: object) =>
    turnsDuring(async () => {
      const answer = await site.as(staff.token)({ method: "POST", url: "/admin/users/bulk/count/", payload });
      expect(answer.statusCode, answer.body).toBe(200);
      return answer;
    });
  const least = await count({ ids: ids.slice(0, 1) });
  expect(await count({ filter: { search: "leaver", match: "contains" } })).toBeGreaterThanOrEqual(least + 8);
  expect(await count({ ids: ids.slice(0, 1000) })).toBeGreaterThanOrEqual(least + 8);

  const leave = (user_id: number) => ({
    ...{ id: `leave${user_id}`, user_id, credentials_version: user_id === ids[1050] ? 7 : 0, asked_at: now },
    ...{ due_at: now + 1000, told_at: null, ended_at: null, ended: null, cancelled_by: null },
  });
  for (let from = 0; from < ids.length; from += 500)
    await kysely
      .insertInto("number_leaves")
      .values(ids.slice(from, from + 500).map(leave))
      .execute();
  let found: number[] = [];
  const turns = await turnsDuring(async () => {
    found = await worthlessLeaves(site.app.db, 25);
  });
  expect(found).toEqual([ids[1050]]);
  expect(turns).toBeGreaterThanOrEqual(2);
  await kysely.deleteFrom("number_leaves").execute();
  for (let from = 0; from < ids.length; from += 500)
    await kysely
      .deleteFrom("users")
      .where("id", "in", ids.slice(from, from + 500))
      .execute();
});
