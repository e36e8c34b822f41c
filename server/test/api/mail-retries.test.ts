import { afterEach, describe, expect, it } from "vitest";
import { PermanentFailure } from "../../src/engines/jobs/jobs.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("a code's mail that the mail server does not take", () => {
  let test: TestApp;
  afterEach(() => test.close());

  /** Seconds after the request at which sending was tried. */
  const tries: number[] = [];

  async function asked({ life, backAfter }: { life: number; backAfter: number }): Promise<void> {
    const clock = fakeClock();
    const begun = clock.now();
    tries.length = 0;
    test = await startTestApp({
      clock,
      env: { EMAIL_CODE_EXPIRES: String(life) },
      mailer: {
        async send(mail) {
          const seconds = (clock.now() - begun) / 1000;
          tries.push(seconds);
          if (seconds < backAfter) throw new Error("421 4.3.2 not now");
          test.mailbox.push(mail);
        },
        verify: async () => {},
        close: async () => {},
      },
    });
    const answer = await test.anonymous({ url: "/verifications/email_codes/44@qq.com/" });
    expect(answer.statusCode).toBe(200);
    await test.runJobs();
  }

  async function pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 5) {
      test.clock.advance(5);
      await test.runJobs();
    }
  }

  it.each([180, 900])(
    "is tried every half minute until the code of %i s is dead, then a dead letter",
    async (life) => {
      await asked({ life, backAfter: Number.POSITIVE_INFINITY });
      await pass(life - 35);
      expect((await test.app.jobs.counts()).dead).toBe(0);
      await pass(35);
      const gaps = tries.slice(1).map((at, i) => at - tries[i]!);
      expect(tries[0]).toBe(0);
      expect(gaps[0]).toBe(5);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(35);
      expect(tries.at(-1)).toBeGreaterThan(life - 65);
      expect(tries.at(-1)).toBeLessThan(life);
      const [letter, ...others] = await test.app.jobs.list({ state: "dead", limit: 10 });
      expect(others).toEqual([]);
      // A try that was due just before the end and came to its turn after it is counted, and sends nothing.
      expect(letter?.attempts).toBeGreaterThanOrEqual(tries.length);
      expect(letter?.lastError).toMatch(/421|deadline/);
      expect(letter?.name).toBe("verification-mail");
      const count = tries.length;
      await pass(300);
      expect(tries).toHaveLength(count);
      expect(test.mailbox).toEqual([]);
    },
  );

  it("arrives long after the outage began where the code lives as long, once, and the code is good", async () => {
    await asked({ life: 900, backAfter: 700 });
    await pass(740);
    expect(test.mailbox.map(({ to }) => to)).toEqual(["44@qq.com"]);
    expect(await test.app.jobs.counts()).toMatchObject({ waiting: 0, dead: 0 });
    const email_code = /\b[2-9A-HJKMNP-Z]{6}\b/.exec(test.mailbox[0]!.text)?.[0];
    const password = "12345678aA";
    const answer = await test.anonymous({
      ...{ method: "POST", url: "/users/" },
      payload: {
        ...{ username: "python01", email: "44@qq.com", email_code, allow: "true" },
        ...{ password, password2: password },
      },
    });
    expect(answer.statusCode, answer.body).toBe(201);
  });
});

describe("staff send a refused mail again", () => {
  let test: TestApp;
  afterEach(() => test.close());

  it("from the list of mails, once, and it arrives; what has arrived is not sent again", async () => {
    let takes = false;
    test = await startTestApp({
      mailer: {
        async send(mail) {
          if (!takes) throw new PermanentFailure("550 5.7.1 refused");
          test.mailbox.push(mail);
        },
        verify: async () => {},
        close: async () => {},
      },
    });
    const staff = await makePerson(test, "mailstaff", {
      ...{ is_staff: 1, permissions: ["mail.view_mail", "jobs.view_job", "jobs.change_job"] },
    });
    expect((await test.anonymous({ url: "/verifications/email_codes/45@qq.com/" })).statusCode).toBe(200);
    await test.runJobs();
    const mails = async () =>
      (await test.as(staff.token)({ url: "/admin/mails/?to=45@qq.com" })).json().results as {
        state: string;
        job: string;
      }[];
    const [refused, ...others] = await mails();
    expect(others).toEqual([]);
    expect(refused).toMatchObject({ state: "refused", job: expect.any(String) });
    takes = true;
    const retry = () => test.as(staff.token)({ method: "POST", url: `/admin/jobs/${refused?.job}/retry/` });
    expect((await retry()).statusCode).toBe(200);
    await test.runJobs();
    expect(test.mailbox.map(({ to }) => to)).toEqual(["45@qq.com"]);
    expect(await mails()).toMatchObject([{ state: "accepted" }]);
    expect((await retry()).statusCode).toBeGreaterThanOrEqual(400);
    await test.runJobs();
    expect(test.mailbox).toHaveLength(1);
  });
});
