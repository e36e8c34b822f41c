import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { makePerson } from "../../../test/support/people.ts";
import { temporarySqlite } from "../../../test/support/sqlite.ts";
import { startTestApp, type TestApp } from "../../../test/support/test-app.ts";

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

  it("keeps no administrator's list waiting", async () => {
    test = await startTestApp();
    const { database } = test.config;
    if (database.engine !== "sqlite") throw new Error("not on SQLite");
    const { token, id } = await makePerson(test, "rootuser", { is_superuser: 1 });
    other = new DatabaseSync(database.file);
    other.exec("begin immediate");
    // Waits for that lock, holding the writer; the lists used to stand behind it.
    const done: string[] = [];
    const write = askForCode().then(() => done.push("code"));
    // As the console reads them: unmasked ones write first who asked, and wait like any write.
    const people = ["/admin/users/?masked=true", `/admin/users/${id}/?masked=true`];
    for (const url of [...people, "/admin/groups/", "/admin/audit/"]) {
      const answer = await test.as(token)({ url });
      expect([url, answer.statusCode]).toEqual([url, 200]);
    }
    expect(done).toEqual([]);
    other.exec("rollback");
    await write;
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

describe("a query built at run time", () => {
  it("sees its transaction's rows inside, outside only what is committed, and waits for no transaction", async () => {
    const db = await temporarySqlite();
    const kept = (at: Pick<typeof db, "kysely">) => at.kysely.selectFrom("groups").select("name").execute();
    try {
      await db.transaction(async (transaction) => {
        await transaction.kysely.insertInto("groups").values({ name: "editors" }).execute();
        expect(await kept(transaction)).toEqual([{ name: "editors" }]);
        expect(await kept(db)).toEqual([]);
      });
      expect(await kept(db)).toEqual([{ name: "editors" }]);
      await db.kysely.insertInto("groups").values({ name: "readers" }).execute();
      expect(await kept(db)).toHaveLength(2);
    } finally {
      await db.close();
    }
  });
});
