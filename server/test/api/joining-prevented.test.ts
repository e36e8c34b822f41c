import { afterEach, beforeEach, expect, it } from "vitest";
import { join, makeBound, preview, ready, ticketOf } from "../support/joining.ts";
import { grant, makePerson, type Person, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What prevents two accounts from becoming one, and what becomes of those that one of them had taken in before. */
let test: TestApp;
let kept: Person;
let joined: Person & { readonly accountKey: string };
beforeEach(async () => {
  test = await startTestApp();
  kept = await makePerson(test, "zhangsan", { email: "zhang@example.com" });
  joined = await makeBound(test, "user20457193", { email: "44@qq.com" });
});
afterEach(() => test.close());

const rowOf = (id: number) =>
  test.app.db.kysely.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
const change = (id: number, columns: object) =>
  test.app.db.kysely.updateTable("users").set(columns).where("id", "=", id).execute();

it.each([
  [
    "the other in a group",
    "rights",
    async () => {
      const { id } = await test.app.db.transaction((transaction) =>
        test.app.groups.add(transaction, { name: "vip", permissions: [] }),
      );
      await test.app.groups.setOfUser(test.app.db, joined.id, [id]);
    },
  ],
  ["a permission of the other", "rights", () => grant(test, joined.id, ["users.view_user"])],
  ["the other staff", "staff", () => change(joined.id, { is_staff: 1 })],
  ["the kept one a superuser", "staff", () => change(kept.id, { is_superuser: 1 })],
  ["the other disabled", "unavailable", () => change(joined.id, { is_active: 0 })],
  [
    "the other about to be erased",
    "deletion_pending",
    () => change(joined.id, { deletion_due_at: test.clock.now() + 1000 }),
  ],
] as const)("%s", async (_, problem, act) => {
  const ticket = await ticketOf(test, kept, joined);
  await act();
  const seen = await preview(test, kept, ticket);
  expect(seen.json().problems).toEqual([problem]);
  const answer = await join(test, kept, { ticket, digest: seen.json().digest });
  expect([answer.statusCode, answer.json().problems]).toEqual([409, [problem]]);
  expect(await rowOf(joined.id)).toBeDefined();
});

it("another thing than what was shown: 409, and the ticket is good for another look", async () => {
  const sent = await ready(test, kept, joined);
  await change(joined.id, { nickname: "三哥" });
  const refused = await join(test, kept, sent);
  expect([refused.statusCode, refused.json().code ?? refused.json().message]).toEqual([
    409,
    expect.stringMatching(/joining_changed|刚刚有变化/),
  ]);
  const { digest } = (await preview(test, kept, sent.ticket)).json();
  expect(digest).not.toBe(sent.digest);
  expect((await join(test, kept, { ...sent, digest })).statusCode).toBe(200);
});

it("more than five in thirty days", async () => {
  const rows = [1, 2, 3, 4, 5].map((n) => ({
    ...{
      joined_id: 9_000_000 + n,
      user_id: kept.id,
      at: test.clock.now(),
      joined_by: "owner" as const,
    },
  }));
  await test.app.db.kysely.insertInto("account_joins").values(rows).execute();
  expect((await join(test, kept, await ready(test, kept, joined))).statusCode).toBe(429);
  test.clock.advance(30 * 86_400 + 1);
  const [one, two] = [await tokenOf(test, "zhangsan"), await tokenOf(test, "user20457193")];
  const later = await ready(test, { token: one }, { token: two });
  expect((await join(test, { token: one }, later)).statusCode).toBe(200);
});

it("an account that others went into brings them with it", async () => {
  const third = await makeBound(test, "wangwu01");
  await join(test, joined, await ready(test, joined, third));
  await join(test, kept, await ready(test, kept, joined));
  const rows = await test.app.db.kysely
    .selectFrom("account_joins")
    .selectAll()
    .orderBy("joined_id")
    .execute();
  expect(rows.map(({ joined_id, user_id }) => [joined_id, user_id])).toEqual([
    [joined.id, kept.id],
    [third.id, kept.id],
  ]);
});
