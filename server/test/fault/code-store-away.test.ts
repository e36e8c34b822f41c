import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { freshPostgresUrl } from "../support/test-engines.ts";

/** On SQLite the store and the queue are tables; taking one away is a real failure of that one alone. */
describe("asking for a code while its store or queue fails", () => {
  let test: TestApp;
  const log: string[] = [];
  beforeAll(async () => {
    test = await startTestApp({ env: { TRUST_PROXY: "1" }, logTo: { write: (line) => void log.push(line) } });
  });
  afterAll(() => test.close());

  const ask = (email: string) => test.anonymous({ url: `/verifications/email_codes/${email}/` });
  const rename = (from: string, to: string) =>
    test.app.db.kysely.schema.alterTable(from).renameTo(to).execute();
  const count = async (table: "jobs" | "kv_entries") =>
    (await test.app.db.kysely.selectFrom(table).selectAll().execute()).length;

  it.each([
    ["jobs", "kv_entries"],
    ["kv_entries", "jobs"],
  ] as const)("without %s: 503 with Retry-After, and nothing left behind", async (missing, other) => {
    const email = `${missing.replace("_", "-")}@qq.com`;
    const before = { jobs: await count("jobs"), kv_entries: await count("kv_entries") };
    await rename(missing, "away");
    const refused = await ask(email);
    const left = await count(other);
    await rename("away", missing);

    expect(refused.statusCode).toBe(503);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(refused.json()).toEqual({ detail: "服务暂时不可用，请稍后再试。" });
    expect(left).toBe(before[other]);
    expect(await count(missing)).toBe(before[missing]);
    await test.runJobs();
    expect(test.mailbox.filter(({ to }) => to === email)).toEqual([]);

    // No flag: the next request is not too early, and its code is the only one.
    expect((await ask(email)).statusCode).toBe(200);
    await test.runJobs();
    expect(test.mailbox.filter(({ to }) => to === email)).toHaveLength(1);
  });

  it.each(["jobs", "kv_entries"] as const)(
    "without %s: an earlier code stays, with its life, tries and budget",
    async (missing) => {
      const email = `earlier-${missing.replace("_", "-")}@qq.com`;
      const code = await test.codeFor(email);
      test.clock.advance(60);
      const entries = () =>
        test.app.db.kysely.selectFrom("kv_entries").selectAll().orderBy("entry_key").execute();
      const isCounted = ({ entry_key }: { entry_key: string }) => /:(mails|askers)(:|$)/.test(entry_key);
      const before = (await entries()).filter(isCounted);
      expect(before.length).toBeGreaterThanOrEqual(3);
      await rename(missing, "away");
      const refused = await ask(email);
      await rename("away", missing);
      expect(refused.statusCode).toBe(503);
      expect((await entries()).filter(isCounted)).toEqual(before);
      // No flag either: the next request is sent, and what it sends is the earlier code.
      expect(await test.codeFor(email)).toBe(code);
      const payload = {
        ...{ username: `u-${missing.replace("_", "-")}`, email, email_code: code, allow: "true" },
        ...{ password: "12345678aA", password2: "12345678aA" },
      };
      const signedUp = await test.anonymous({ method: "POST", url: "/users/", payload });
      expect(signedUp.statusCode, signedUp.body).toBe(201);
    },
  );

  /** Statuses of so many at once for one address, each from a network of its own, while there is no queue. */
  async function crowdWithoutQueue({ app, anonymous }: TestApp) {
    const entries = async () => (await app.db.kysely.selectFrom("kv_entries").selectAll().execute()).length;
    const renamed = (from: string, to: string) =>
      app.db.kysely.schema.alterTable(from).renameTo(to).execute();
    const before = await entries();
    await renamed("jobs", "away");
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        anonymous({
          url: "/verifications/email_codes/crowd@qq.com/",
          headers: { "x-forwarded-for": `203.0.113.${i}` },
        }),
      ),
    );
    await renamed("away", "jobs");
    expect(await entries()).toBe(before);
    return new Set(answers.map(({ statusCode }) => statusCode));
  }

  it("many at once from different networks, without a queue: no code that somebody holds and nobody was sent", async () => {
    // One transaction each, so that none fills the budget for another.
    expect(await crowdWithoutQueue(test)).toEqual(new Set([503]));
  });

  it("the same where the store's step and the queue's are two: what was counted is taken back", async () => {
    const env = { TRUST_PROXY: "1", DATABASE_URL: await freshPostgresUrl() };
    const onPostgres = await startTestApp({ env });
    try {
      const statuses = await crowdWithoutQueue(onPostgres);
      expect(statuses).toContain(503);
      expect([...statuses].filter((status) => status !== 400 && status !== 503)).toEqual([]);
    } finally {
      await onPostgres.close();
    }
  });

  it("says why in the log, without the address", () => {
    const failures = log.filter((line) => line.includes('"unavailable"'));
    expect(failures.length).toBeGreaterThanOrEqual(4);
    for (const line of failures) {
      expect(line).toContain("no such table");
      expect(line).not.toContain("@qq.com");
    }
  });

  it("with the database closed altogether: 503", async () => {
    const closed = await startTestApp();
    await closed.app.db.close();
    const refused = await closed.anonymous({ url: "/verifications/email_codes/a@qq.com/" });
    expect(refused.statusCode).toBe(503);
    expect(refused.headers["retry-after"]).toBe("5");
    await closed.app.api.close();
  });
});
