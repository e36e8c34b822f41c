import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database, as two processes have it: of many that show one proof or code at once exactly one wins. */
const times = 50;
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

const url = "/user/reauthentication/";
const call = (server: number, token: string, request: object) => {
  const headers = { authorization: `JWT ${token}`, ...(request as { headers?: object }).headers };
  return (server % 2 === 0 ? test : second).anonymous({ ...request, headers });
};
const atOnce = (request: (server: number) => ReturnType<typeof call>) =>
  Promise.all(Array.from({ length: times }, (_, i) => request(i)));

/** Makes its log-in an old one, so that nothing but the proof opens anything. */
const age = (id: number) =>
  test.app.db.kysely.updateTable("sessions").set({ proved_at: 0 }).where("user_id", "=", id).execute();

it("one proof for one call, shown 50 times at once", async () => {
  const { id, token } = await makePerson(test, "python01");
  const proved = await call(0, token, { method: "POST", url, payload: { password, action: "sessions" } });
  await age(id);
  const headers = { "x-meiduo-proof": proved.json().proof };
  const answers = await atOnce((i) => call(i, token, { method: "DELETE", url: "/user/sessions/", headers }));
  const codes = answers.map(({ statusCode }) => statusCode);
  expect(
    codes.every((one) => [200, 403, 503].includes(one)),
    codes.join(),
  ).toBe(true);
  expect(codes.filter((one) => one === 200)).toHaveLength(1);
});

it("one code of a mail, shown 50 times at once, becomes one proof", async () => {
  const { id, token } = await makePerson(test, "python02", { email: "python02@qq.com" });
  await age(id);
  await call(0, token, { method: "POST", url: `${url}email-code/`, payload: { action: "bindings" } });
  await test.runJobs();
  const { text } = test.mailbox.findLast(({ subject }) => subject.includes("本人确认"))!;
  const email_code = /^ *([2-9A-HJKMNP-Z]{6})$/m.exec(text)![1]!;
  const payload = { email_code, action: "bindings" };
  const answers = await atOnce((i) => call(i, token, { method: "POST", url, payload }));
  const codes = answers.map(({ statusCode }) => statusCode);
  expect(
    codes.every((one) => [200, 400, 429, 503].includes(one)),
    codes.join(),
  ).toBe(true);
  expect(new Set(answers.filter(({ statusCode }) => statusCode === 200).map(({ body }) => body)).size).toBe(
    1,
  );
});
