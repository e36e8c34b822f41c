import { afterAll, beforeAll, expect, it } from "vitest";
import { createMailRecord } from "../../src/engines/mail/mail-record.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const token = "a-token-of-the-operator";
const lines: string[] = [];
let test: TestApp;
beforeAll(async () => {
  const env = {
    ...{ SMS_URL: "aliyun://LTAI1:k@dysmsapi.aliyuncs.com", SMS_SIGN_NAME: "美多", SMS_TEMPLATES: "SMS_1" },
    SMS_EVENTS_TOKEN: token,
  };
  test = await startTestApp({ env, logTo: { write: (line) => void lines.push(line) } });
});
afterAll(() => test.close());

it("the same report of an SMS 50 times at once is one change", async () => {
  const mails = createMailRecord({ db: test.app.db, clock: test.clock });
  await mails.tried({
    ...{ jobId: "job-1", to: "13800138000", kind: "sms_changeMobile", state: "accepted" },
    ...{ words: "200 OK", providerId: "9^0" },
  });
  const payload = JSON.stringify([{ success: false, err_code: "UNKNOWN", biz_id: "9^0" }]);
  const headers = { "content-type": "application/json" };
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      test.anonymous({ method: "POST", url: `/sms/events/${token}/`, headers, payload }),
    ),
  );
  // Where the machine is too busy for all of them the database tells some to come back.
  const statuses = new Set(answers.map(({ statusCode }) => statusCode).filter((status) => status !== 503));
  expect(statuses).toEqual(new Set([200]));
  expect(lines.join("").split("a vendor of SMS reported")).toHaveLength(2);
  const rows = await test.app.db.kysely.selectFrom("mails").select(["state", "words"]).execute();
  expect(rows).toEqual([{ state: "bounced", words: "UNKNOWN" }]);
});
