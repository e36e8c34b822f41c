import { afterAll, beforeAll, expect, it } from "vitest";
import { type Classic, startClassic } from "../support/classic.ts";

/** Twenty addresses and one default, whoever comes at once. */
const callers = 40;
const fields = {
  ...{ title: "家", receiver: "张三", province_id: 110000, city_id: 110100, district_id: 110101 },
  ...{ place: "长安街 1 号", mobile: "13800138000" },
};
let site: Classic;
beforeAll(async () => {
  site = await startClassic();
});
afterAll(() => site.test.close());

const statuses = (answers: readonly { readonly statusCode: number }[], status: number) =>
  answers.filter(({ statusCode }) => statusCode === status).length;

it("of many at once twenty are added, one is the default, each is deleted once", async () => {
  const { token } = await site.person();
  const many = <T>(call: (i: number) => Promise<T>) =>
    Promise.all(Array.from({ length: callers }, (_, i) => call(i)));
  const added = await many(() => site.send("POST", "/addresses/", fields, token));
  expect([statuses(added, 201), statuses(added, 400)]).toEqual([20, callers - 20]);
  const ids = added.filter(({ statusCode }) => statusCode === 201).map((one) => one.json().id as number);
  const made = await many((i) => site.send("PUT", `/addresses/${ids[i % 20]}/status/`, {}, token));
  expect(statuses(made, 200)).toBe(callers);
  const rows = await site.test.app.db.kysely
    .selectFrom("delivery_addresses")
    .select("id")
    .where("is_default", "=", 1)
    .execute();
  expect(rows).toHaveLength(1);
  const gone = await many((i) => site.send("DELETE", `/addresses/${ids[i % 20]}/`, undefined, token));
  expect([statuses(gone, 204), statuses(gone, 404)]).toEqual([20, callers - 20]);
});
