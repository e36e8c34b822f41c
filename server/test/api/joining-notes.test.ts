import { expect, it } from "vitest";
import { join, makeBound, ready } from "../support/joining.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp } from "../support/test-app.ts";

it("leaves nobody rid of staff's notes who joins the account that they are about to another", async () => {
  const test = await startTestApp();
  const kept = await makePerson(test, "zhangsan", { email: "zhang@example.com" });
  const joined = await makeBound(test, "user20457193", { email: "44@qq.com" });
  const note = { id: "a-note", author: "user#1", text: "calls on Mondays", created_at: test.clock.now() };
  const { kysely } = test.app.db;
  await kysely
    .insertInto("user_notes")
    .values({ user_id: joined.id, ...note })
    .execute();
  expect((await join(test, kept, await ready(test, kept, joined))).statusCode).toBe(200);
  expect(await kysely.selectFrom("user_notes").selectAll().execute()).toMatchObject([
    { ...note, user_id: kept.id },
  ]);
  await test.close();
});
