import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "../database/database.ts";
import { migrate } from "../database/migrate.ts";
import { openSqlite } from "../database/sqlite.ts";
import { PermanentFailure } from "../jobs/jobs.ts";
import { createMailboxMailer } from "./mailbox-mailer.ts";

const clock = { now: () => 1_795_000_000_000 };
const message = {
  to: "Zhang@example.com",
  subject: "主题",
  text: "text",
  html: "<p>html</p>",
  messageId: "job-1",
};
let folder: string;
let file: string;
let db: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mailbox-"));
  file = join(folder, "test.sqlite");
  db = openSqlite(file);
  await migrate(db, clock);
});

afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

const stored = (from: Database) =>
  from.kysely.selectFrom("mailbox_messages").selectAll().orderBy("id").execute();

test("a message is stored, and seen by another process and after a restart", async () => {
  await createMailboxMailer({ db, clock }).send(message);
  const other = openSqlite(file);
  expect(await stored(other)).toMatchObject([
    {
      to_address: "Zhang@example.com",
      to_key: "zhang@example.com",
      subject: "主题",
      text: "text",
      html: "<p>html</p>",
      created_at: clock.now(),
    },
  ]);
  await other.close();
});

test("a job run twice leaves one message", async () => {
  const mailer = createMailboxMailer({ db, clock });
  await mailer.send(message);
  await mailer.send(message);
  await mailer.send({ ...message, messageId: "job-2" });
  expect(await stored(db)).toHaveLength(2);
});

test("only the newest messages are kept", async () => {
  const mailer = createMailboxMailer({ db, clock, capacity: 10 });
  for (let i = 1; i <= 100; i++) await mailer.send({ ...message, messageId: `job-${i}`, subject: `${i}` });
  const subjects = (await stored(db)).map((row) => row.subject);
  expect(subjects).toEqual(Array.from({ length: 10 }, (_, i) => `${91 + i}`));
});

test.each([
  ["a second recipient", { to: "a@b.c, d@e.f" }],
  ["a header in the recipient", { to: "a@b.c\r\nBcc: d@e.f" }],
  ["a display name", { to: "x <a@b.c>" }],
  ["a header in the subject", { subject: "x\r\nBcc: d@e.f" }],
  ["a header's name", { headers: { "X-A: b\r\nBcc": "d@e.f" } }],
  ["a header's value", { headers: { "X-A": "b\r\nBcc: d@e.f" } }],
])("%s is refused for good", async (_, part) => {
  await expect(createMailboxMailer({ db, clock }).send({ ...message, ...part })).rejects.toThrow(
    PermanentFailure,
  );
  expect(await stored(db)).toHaveLength(0);
});

test("verify rejects without the table", async () => {
  const mailer = createMailboxMailer({ db, clock });
  await mailer.verify();
  await db.kysely.schema.dropTable("mailbox_messages").execute();
  await expect(mailer.verify()).rejects.toThrow();
});
