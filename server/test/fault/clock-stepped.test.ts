import { afterEach, beforeEach, expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let running: TestApp;
beforeEach(async () => {
  running = await startTestApp();
});
afterEach(() => running.close());

const person = { username: "stepper", email: "stepper@example.com" };

function signUp(code: string, name = person) {
  const payload = { ...name, password: "correct-horse-42", password2: "correct-horse-42" };
  return running.anonymous({
    method: "POST",
    url: "/users/",
    payload: { ...payload, email_code: code, allow: "true" },
  });
}

test("clock set back an hour: a mail promised before it is still sent at once", async () => {
  const asked = await running.anonymous({ url: `/verifications/email_codes/${person.email}/` });
  expect(asked.statusCode).toBe(200);
  running.clock.advance(-3600);
  await running.runJobs();
  expect(running.mailbox).toHaveLength(1);
});

test("clock set back an hour: a mail that waits for its retry doesn't wait the hour", async () => {
  await running.close();
  let failing = true;
  const sent: string[] = [];
  running = await startTestApp({
    mailer: {
      async send(mail) {
        if (failing) throw new Error("421 try later");
        sent.push(mail.to);
      },
      verify: async () => {},
      close: async () => {},
    },
  });
  await running.anonymous({ url: `/verifications/email_codes/${person.email}/` });
  await running.runJobs();
  failing = false;
  running.clock.advance(-3600);
  await running.runJobs();
  running.clock.advance(3);
  await running.runJobs();
  expect(sent).toEqual([person.email]);
});

test("clock set back after a sign-up: the code it used doesn't work again", async () => {
  const code = await running.codeFor(person.email);
  expect((await signUp(code)).statusCode).toBe(201);
  running.clock.advance(-170);
  const again = await signUp(code, { username: "second", email: person.email });
  expect(again.statusCode).toBe(400);
  expect(again.body).not.toContain("token");
});

test("clock set forward: a code ends early, and a new one works", async () => {
  const code = await running.codeFor(person.email);
  running.clock.advance(3600);
  expect((await signUp(code)).json().non_field_errors).toEqual(["邮箱验证码过期"]);
  const fresh = await running.codeFor(person.email);
  expect((await signUp(fresh)).statusCode).toBe(201);
});

test("clock set back three hours: flags and limits last no longer than they would have", async () => {
  const ask = () => running.anonymous({ url: `/verifications/email_codes/${person.email}/` });
  const waits = async () => Number((await ask()).headers["retry-after"]);
  // Whoever works on jobs looks at the clock; here that is each run.
  await running.runJobs();
  expect((await ask()).statusCode).toBe(200);
  await running.runJobs();
  running.clock.advance(-3 * 3600);
  await running.runJobs();
  await running.runJobs();
  expect(await waits()).toBeLessThanOrEqual(60);
  running.clock.advance(61);
  expect((await ask()).statusCode).toBe(200);
});

test("clock set back an hour: a code asked for before another process notices has its whole life", async () => {
  await running.codeFor("before@example.com");
  running.clock.advance(-3600);
  // Asked and stored by the new time; the look for jobs, which sends its mail, is what notices the step.
  const code = await running.codeFor(person.email);
  expect((await signUp(code)).statusCode).toBe(201);
});
