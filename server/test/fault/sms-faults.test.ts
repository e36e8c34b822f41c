import { afterEach, describe, expect, it } from "vitest";
import { solvedCaptcha } from "../support/solved-captcha.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { freshPostgresUrl } from "../support/test-engines.ts";

/** A code by SMS whose store or queue is away: nothing of the request is left. The tables are taken away for it. */
const numberOf = (i: number) => `139${String(i).padStart(8, "0")}`;
const env = {
  ...{ TRUST_PROXY: "1", SIGN_UP_BY: "email,mobile", CODE_SIGN_IN: "email,sms" },
  ...{ SMS_REQUEST_LIMIT: "10", SMS_REQUEST_LIMIT_PER_ACCOUNT: "20", CAPTCHA_AFTER_SMS: "3" },
};

let test: TestApp;
afterEach(() => test.close());

const ask = (mobile: string, network = "2001:db8:1:1::1", headers: Record<string, string> = {}) =>
  test.anonymous({
    url: `/verifications/sms_codes/${mobile}/?send_type=register`,
    headers: { "x-forwarded-for": network, ...headers },
  });
const rename = (from: string, to: string) =>
  test.app.db.kysely.schema.alterTable(from).renameTo(to).execute();
const entries = () =>
  test.app.db.kysely.selectFrom("kv_entries").select(["entry_key", "value"]).orderBy("entry_key").execute();
/** Without what only says when something was said. */
const counts = async () => (await entries()).filter(({ entry_key }) => !/:(once|probe)(:|$)/.test(entry_key));

describe.each(["sqlite", "postgres"])("without the queue, on %s", (engine) => {
  const start = async () => {
    const url = engine === "sqlite" ? {} : { DATABASE_URL: await freshPostgresUrl() };
    test = await startTestApp({ env: { ...env, ...url } });
  };

  it("503, every count as it was, and an SMS at once when it is back", async () => {
    await start();
    // One that went, so that there is something to keep.
    expect((await ask(numberOf(1))).statusCode).toBe(200);
    test.clock.advance(61);
    const before = await counts();
    expect(before.length).toBeGreaterThan(5);
    await rename("jobs", "away");
    const statuses = [];
    for (const mobile of [1, 2, 1, 2, 1, 1, 1]) statuses.push((await ask(numberOf(mobile))).statusCode);
    await rename("away", "jobs");
    expect(new Set(statuses)).toEqual(new Set([503]));
    // What is over is purged by and by.
    const flags = ({ entry_key }: { entry_key: string }) => !/:flag:/.test(entry_key);
    expect((await counts()).filter(flags)).toEqual(before.filter(flags));
    for (const i of [1, 2]) expect((await ask(numberOf(i))).statusCode).toBe(200);
    await test.runJobs();
    expect(test.smsBox.map(({ to }) => to)).toEqual([1, 1, 2].map(numberOf));
  });

  it("many at once: the same", async () => {
    await start();
    await rename("jobs", "away");
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => ask(numberOf(i % 3), `203.0.113.${i}`)),
    );
    await rename("away", "jobs");
    expect(answers.map(({ statusCode }) => statusCode).filter((status) => status === 200)).toEqual([]);
    expect(await counts()).toEqual([]);
  });

  it("a captcha that was answered for it is good once more, and so is a wait", async () => {
    await start();
    for (let i = 0; i < 3; i++) await ask(numberOf(i));
    const able = { "x-meiduo-captcha-kinds": "altcha" };
    const { captcha } = (await ask(numberOf(5), undefined, able)).json();
    const shown = { ...able, "x-meiduo-captcha": await solvedCaptcha(captcha.challenge) };
    await rename("jobs", "away");
    expect((await ask(numberOf(5), undefined, shown)).statusCode).toBe(503);
    expect((await ask(numberOf(6))).statusCode).toBe(503);
    await rename("away", "jobs");
    expect((await ask(numberOf(5), undefined, shown)).statusCode).toBe(200);
    expect((await ask(numberOf(6))).statusCode).toBe(200);
  });
});

it("without the store: 503, and no SMS", async () => {
  test = await startTestApp({ env });
  await rename("kv_entries", "away");
  const refused = await ask(numberOf(1));
  await rename("away", "kv_entries");
  expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "5"]);
  await test.runJobs();
  expect(test.smsBox).toEqual([]);
  expect((await ask(numberOf(1))).statusCode).toBe(200);
});
