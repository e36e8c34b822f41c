import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../test/support/test-app.ts";

/** Somebody else on the file of the embedded database: a person in sqlite3, a VACUUM, a backup. */
describe("a foreign lock on the SQLite file", () => {
  let test: TestApp;
  let other: DatabaseSync | null = null;
  afterEach(async () => {
    other?.close();
    other = null;
    await test.close();
  });

  async function locked(statement: string): Promise<DatabaseSync> {
    test = await startTestApp();
    const { database } = test.config;
    if (database.engine !== "sqlite") throw new Error("not on SQLite");
    other = new DatabaseSync(database.file);
    other.exec(statement);
    return other;
  }
  const askForCode = () => test.anonymous({ url: "/verifications/email_codes/44@qq.com/" });

  it("keeps writes waiting and nobody else: reads and /healthz answer meanwhile", async () => {
    const person = await locked("begin immediate");
    const done: string[] = [];
    const code = askForCode().then((answer) => {
      done.push("code");
      return answer;
    });
    for (const url of ["/healthz", "/users/usernames/python01/count/", "/users/emails/a@b.cn/count/"]) {
      expect([url, (await test.anonymous({ url })).statusCode]).toEqual([url, 200]);
      done.push(url);
    }
    expect(done).not.toContain("code");
    person.exec("rollback");
    expect((await code).statusCode).toBe(200);
  });

  it("that doesn't end is 503 with Retry-After for everybody who waits, not one after another", async () => {
    await locked("begin immediate");
    const began = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        test.anonymous({ url: `/verifications/email_codes/${i}44@qq.com/` }),
      ),
    );
    for (const answer of answers) {
      expect(answer.statusCode).toBe(503);
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    }
    // Eight waits of 5 s in a row would be 40.
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it("left in the middle of a transaction loses nothing that was answered", async () => {
    const person = await locked("begin immediate");
    const codes = Array.from({ length: 5 }, (_, i) =>
      test.anonymous({ url: `/verifications/email_codes/${i}55@qq.com/` }),
    );
    person.exec("rollback");
    expect((await Promise.all(codes)).map((answer) => answer.statusCode)).toEqual([200, 200, 200, 200, 200]);
    await test.runJobs();
    expect(test.mailbox.map(({ to }) => to).sort()).toEqual([0, 1, 2, 3, 4].map((i) => `${i}55@qq.com`));
  });
});
