import { afterAll, beforeAll, expect, it } from "vitest";
import { createApp } from "../../src/app/app.ts";
import type { App } from "../../src/app/app-interface.ts";
import { createLog } from "../../src/kernel/log.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** One link in two processes' worth of applications, on one database: one superuser, whoever asks how often. */
let test: TestApp;
let other: App;
beforeAll(async () => {
  test = await startTestApp();
  const config = { ...test.config, secretKey: test.config.secretKey ?? "" };
  other = await createApp({ config, log: createLog("silent") }, { clock: test.clock });
  await other.api.ready();
});
afterAll(async () => {
  await other.close();
  await test.close();
});

const payload = (token: string, i: number) => ({
  ...{ token, username: `boss_${i}`, email: `boss${i}@example.com`, password: "three quiet lanterns" },
});

it("of eight at once, half of them at another process, one is made", async () => {
  const token = (await test.app.firstSuperuser.offer())!;
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      (i % 2 === 0 ? test.app.api : other.api).inject({
        ...{ method: "POST", url: "/setup/superuser/", payload: payload(token, i) },
      }),
    ),
  );
  const statuses = answers.map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  // A slow machine is busy with hashing, or out of connections, for some.
  expect(statuses.filter((status) => status === 400 || status === 503)).toHaveLength(7);
  const made = await test.app.db.kysely
    .selectFrom("users")
    .select(["is_staff", "is_superuser"])
    .where("username", "like", "boss_%")
    .execute();
  expect(made).toEqual([{ is_staff: 1, is_superuser: 1 }]);
  expect(await test.app.firstSuperuser.offer()).toBeNull();
});
