import { afterAll, beforeAll, expect, it } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { createLog } from "../../src/kernel/log.ts";
import { readWebhookSecret, signedHeaders } from "../../src/kernel/webhook-signature.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database, as two processes have it. */
const secret = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
const lines: string[] = [];
const log = () => lines.join("");
const logTo = { write: (line: string) => void lines.push(line) };
let test: TestApp;
let second: Awaited<ReturnType<typeof createApp>>;
beforeAll(async () => {
  test = await startTestApp({ env: { MAIL_EVENTS_SECRET: secret }, logTo });
  const config = { ...test.config, secretKey: testSecretKey };
  second = await createApp({ config, log: createLog("trace", logTo) }, { clock: test.clock });
  await second.api.ready();
});
afterAll(async () => {
  await second.close();
  await test.close();
});

it("the same report 50 times at once, at two servers, is one change", async () => {
  const now = test.clock.now();
  await test.app.db.kysely
    .insertInto("mails")
    .values({
      ...{ mail_id: "m1", to_address: "44@qq.com", to_key: "44@qq.com", user_id: null, kind: "register" },
      ...{ state: "accepted", words: "200", provider_id: "re_1", created_at: now, updated_at: now },
    })
    .execute();
  const body = JSON.stringify({
    type: "email.bounced",
    data: { email_id: "re_1", bounce: { message: "550" } },
  });
  const headers = {
    "content-type": "application/json",
    ...signedHeaders(readWebhookSecret(secret)!, { id: "msg_1", seconds: Math.floor(now / 1000), body }),
  };
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      (i % 2 === 0 ? test.app : second).api.inject({
        method: "POST",
        url: "/mails/events/",
        headers,
        payload: body,
      }),
    ),
  );
  // Where the machine is too busy for all of them the database tells some to come back.
  expect(new Set(answers.map(({ statusCode }) => statusCode).filter((status) => status !== 503))).toEqual(
    new Set([200]),
  );
  expect(log().split("a mail service reported")).toHaveLength(2);
  const rows = await test.app.db.kysely.selectFrom("mails").select(["state", "words"]).execute();
  expect(rows).toEqual([{ state: "bounced", words: "550" }]);
});
