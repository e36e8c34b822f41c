import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database: however many pictures come at once, the account shows one, and no other is left anywhere. */
const picture = readFileSync(join(import.meta.dirname, "../vectors/pictures/pillow.png"));
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const call = (server: number, method: "PUT" | "DELETE", token: string) =>
  (server % 2 === 0 ? test : second).anonymous({
    ...{ method, url: "/user/avatar/" },
    headers: { authorization: `JWT ${token}`, ...(method === "PUT" && { "content-type": "image/png" }) },
    ...(method === "PUT" && { payload: picture }),
  });

async function leftOf(id: number) {
  const { kysely } = test.app.db;
  const rows = await kysely.selectFrom("avatars").selectAll().where("user_id", "=", id).execute();
  const names = rows.map(({ name }) => name);
  const files = await kysely
    .selectFrom("avatar_files")
    .select("name")
    .where("name", "in", [...names, ""])
    .execute();
  const user = await kysely.selectFrom("users").select("avatar").where("id", "=", id).executeTakeFirst();
  return { shown: user?.avatar, rows, files: files.length };
}

it("many uploads at once: one is shown, and the others are gone", async () => {
  const { id, token } = await makePerson(test, "busy-face1");
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => call(i, "PUT", token)));
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect(new Set(answers.map((answer) => answer.json().avatar_url)).size).toBe(12);
  const { shown, rows, files } = await leftOf(id);
  expect(rows).toEqual([expect.objectContaining({ name: shown, due_at: null })]);
  expect(files).toBe(1);
});

it("uploads and removals at once: what the account shows is there, and nothing else is", async () => {
  const { id, token } = await makePerson(test, "busy-face2");
  await Promise.all(Array.from({ length: 12 }, (_, i) => call(i, i % 3 === 0 ? "DELETE" : "PUT", token)));
  await Promise.all([test.app.maintenance.run(), second.app.maintenance.run()]);
  const { shown, rows, files } = await leftOf(id);
  expect(rows.map(({ name }) => name)).toEqual(shown === "" ? [] : [shown]);
  expect(files).toBe(rows.length);
});

it("an account that goes while its pictures come leaves none", async () => {
  const { id, token } = await makePerson(test, "busy-face3");
  const uploads = Promise.all(Array.from({ length: 6 }, (_, i) => call(i, "PUT", token)));
  const gone = call(1, "PUT", token).then(() =>
    test.app.db.kysely.deleteFrom("users").where("id", "=", id).execute(),
  );
  const answers = await uploads;
  await gone;
  for (const { statusCode } of answers) expect([200, 401]).toContain(statusCode);
  test.clock.advance(3601);
  await Promise.all([test.app.maintenance.run(), second.app.maintenance.run()]);
  const { kysely } = test.app.db;
  const orphans = await kysely.selectFrom("avatars").select("name").where("user_id", "is", null).execute();
  expect(orphans).toEqual([]);
  const files = await kysely.selectFrom("avatar_files").select("name").execute();
  const rows = await kysely.selectFrom("avatars").select("name").execute();
  expect(files.map(({ name }) => name).toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
});
