import { randomInt } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { dataFolder, startProduct, waitUntil } from "../support/product-process.ts";
import { promisedMails, visitors } from "../support/visitors.ts";

const kills = 30;
/** People who sign up at the same time. */
const people = 4;
/** Bounds the work of a round, so that the mailbox, which keeps 1,000 mails, drops none. */
const signUpsPerRound = 30;

/**
 * The whole product on SQLite in one process, killed (SIGKILL) at random moments of a sign-up storm and started
 * again on the same folder. What it answered must be true afterwards.
 */
describe(`the product killed ${kills} times in a storm of sign-ups`, () => {
  const folder = dataFolder();
  afterAll(() => folder.release());

  const env = {
    ...{ DATA_DIR: folder.path, WEB_PORT: "0", HASH_CONCURRENCY: "2" },
    // The test may take longer than a code lives, and a mail is not sent after that.
    EMAIL_CODE_EXPIRES: "3600",
  };
  const accepted: string[] = [];
  const promised: string[] = [];
  /** After how many answers of each storm, and how many milliseconds more, the kill came. */
  const moments: string[] = [];
  const errors: string[] = [];
  let number = 0;

  const addressOf = (username: string) => `${username}@example.com`;

  async function storm(round: number): Promise<void> {
    const product = await startProduct("start", env);
    const crowd = visitors(product.url);
    const last = number + signUpsPerRound;
    let killed = false;
    const visitor = async () => {
      while (!killed && number < last) {
        const username = `person${number++}`;
        try {
          await crowd.requestCode(addressOf(username));
          const code = await mailedCode(product.url, username, () => killed);
          const answer = code && (await crowd.signUp(username, addressOf(username), code));
          if (answer && answer.status === 201) accepted.push(username);
        } catch (error) {
          // A connection that breaks with the process promised nothing.
          if (!killed) throw error;
        }
      }
    };
    const visits = Promise.allSettled(Array.from({ length: people }, visitor));
    // Counted in answers and not in time, so that a slow machine sees a storm, too.
    const answers = randomInt(1, 2 * signUpsPerRound - people);
    const millis = randomInt(0, 30);
    moments.push(`${answers} answers and ${millis} ms`);
    await waitUntil(() => crowd.answers.length >= answers, 30, `${answers} answers`);
    await new Promise((resolve) => setTimeout(resolve, millis));
    killed = true;
    await product.kill();
    for (const visit of await visits) if (visit.status === "rejected") errors.push(String(visit.reason));
    promised.push(...promisedMails(crowd.answers));
    for (const { status, path, body } of crowd.answers)
      if (status >= 400) errors.push(`round ${round}: ${path} answered ${status} ${body}`);
  }

  async function mailedCode(url: string, username: string, given: () => boolean): Promise<string | null> {
    while (!given()) {
      const response = await fetch(`${url}/sandbox/mailbox/messages/?to=${addressOf(username)}`);
      const [mail] = (await response.json()) as { code: string }[];
      if (mail) return mail.code;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return null;
  }

  it("answers nothing but success until each kill", async () => {
    for (let round = 0; round < kills; round++) await storm(round);
    expect(errors, `killed after ${moments.join("; ")}`).toEqual([]);
    expect(accepted.length).toBeGreaterThan(kills);
    expect(promised.length).toBeGreaterThan(accepted.length);
  }, 900_000);

  it("lets everybody log in who was told that the account exists, and has sent every promised mail", async () => {
    const product = await startProduct("start", env);
    try {
      const crowd = visitors(product.url);
      const missing = new Set(promised);
      await waitUntil(
        async () => {
          for (const email of missing) {
            const response = await fetch(`${product.url}/sandbox/mailbox/messages/?to=${email}`);
            if (((await response.json()) as unknown[]).length > 0) missing.delete(email);
            else return false;
          }
          return true;
        },
        // What a killed process held is taken over when its lease of 30 s ends.
        60,
        "every promised mail",
      );
      const refused: string[] = [];
      const waiting = [...accepted];
      await Promise.all(
        Array.from({ length: people }, async () => {
          for (let username = waiting.pop(); username; username = waiting.pop())
            if ((await crowd.logIn(username)).status !== 200) refused.push(username);
        }),
      );
      expect(refused, `killed after ${moments.join("; ")}`).toEqual([]);
    } finally {
      expect(await product.stop()).toBe(0);
    }
  });

  it("has no account that is half there, and a sound database file", () => {
    const db = new DatabaseSync(join(folder.path, "meiduo.sqlite3"), { readOnly: true });
    try {
      const rows = (sql: string) => db.prepare(sql).all();
      expect(rows("pragma integrity_check")).toEqual([{ integrity_check: "ok" }]);
      expect(rows("pragma foreign_key_check")).toEqual([]);
      const users = rows("select id, username, email, password_hash from users");
      expect(users.length).toBeGreaterThanOrEqual(accepted.length);
      // Killed between the commit and the answer: complete, but nobody was told. At most one a visitor and kill.
      expect(users.length - accepted.length).toBeLessThanOrEqual(kills * people);
      const names = new Set(
        rows("select name_key, user_id from login_names").map((row) => `${row.name_key} ${row.user_id}`),
      );
      for (const { id, username, email, password_hash } of users) {
        expect(names.delete(`${username} ${id}`), `${username} has its name`).toBe(true);
        expect(names.delete(`${email} ${id}`), `${username} has its address`).toBe(true);
        expect(password_hash).toMatch(/^argon2\$argon2id\$/);
      }
      expect([...names]).toEqual([]);
      // One used code for each account: they are written together.
      expect(rows("select count(*) as count from used_codes")).toEqual([{ count: users.length }]);
      const dead = rows("select name, last_error from jobs where state = 'dead'");
      expect(dead).toEqual([]);
    } finally {
      db.close();
    }
  });
});
