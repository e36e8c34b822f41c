import { afterAll, beforeAll, expect, it } from "vitest";
import { createErasedNames } from "../../src/accounts/erased-names.ts";
import { createEventParts } from "../../src/app/webhooks.ts";
import { createOutbox } from "../../src/engines/jobs/outbox.ts";
import { createMailRecord } from "../../src/engines/mail/mail-record.ts";
import { createMailboxMailer } from "../../src/engines/mail/mailbox-mailer.ts";
import { createLog } from "../../src/kernel/log.ts";
import { eraseAccount } from "../../src/rights/erase.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** What work that was under way in the moment of an erasure writes afterwards goes, too. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

async function erased(username: string) {
  const email = `${username}@example.com`;
  const { id } = await makePerson(site, username, { email });
  await site.app.db.kysely
    .updateTable("users")
    .set({ deletion_due_at: site.clock.now() - 1 })
    .where("id", "=", id)
    .execute();
  await site.app.maintenance.run();
  await site.runJobs();
  expect(await site.app.users.byId(id)).toBeNull();
  return { id, email };
}
const recorded = async (address: string) =>
  (await site.app.db.kysely.selectFrom("mails").select("id").where("to_key", "=", address).execute()).length;
/** As a worker that was handing a mail over. */
const handedOver = (jobId: string, to: string, askedBy?: number) =>
  createMailRecord({ db: site.app.db, clock: site.clock }).tried({
    ...{ jobId, to, kind: "new_device", state: "accepted", words: "250 OK", askedBy },
  });

it("the record of a mail, and the job that sent it", async () => {
  const { id, email } = await erased("underway01");
  await handedOver("late01", email);
  await handedOver("other01", "somebody-else@example.com");
  const payload = JSON.stringify({ userId: id, to: email });
  const now = site.clock.now();
  await site.app.db.kysely
    .insertInto("jobs")
    .values({
      ...{ id: "late01", name: "security-notice", payload, state: "done", attempts: 1 },
      ...{ created_at: now, due_at: 0, deadline_at: null, finished_at: now, last_error: null },
    })
    .execute();
  site.clock.advance(301);
  await site.runJobs();
  expect([await recorded(email), await recorded("somebody-else@example.com")]).toEqual([0, 1]);
  const jobs = await site.app.db.kysely.selectFrom("jobs").select("payload").execute();
  expect(JSON.stringify(jobs)).not.toContain(email);
});

it("the record of a mail by a process whose clock is behind", async () => {
  const { email } = await erased("underway03");
  site.clock.advance(-9);
  await handedOver("late03", email);
  site.clock.advance(310);
  await site.runJobs();
  expect(await recorded(email)).toBe(0);
});

it("an invitation that was just being made, and one in capitals that SQLite does not fold; not one of later", async () => {
  const { kysely } = site.app.db;
  const invite = (email: string, token_mac: string) =>
    kysely
      .insertInto("invitations")
      .values({
        ...{ email, token_mac, group_id: null, maker_id: null, max_uses: 1 },
        ...{ created_at: site.clock.now(), expires_at: site.clock.now() + 86_400_000 },
      })
      .execute();
  site.clock.advance(-7200);
  await invite("ÄRGER04@example.com", "a");
  await invite("else04@example.com", "b");
  site.clock.advance(7200);
  const { email } = await erased("ärger04");
  await invite(email, "c");
  site.clock.advance(200);
  await invite(email, "d");
  site.clock.advance(101);
  await site.runJobs();
  const left = await kysely.selectFrom("invitations").select("token_mac").orderBy("id").execute();
  expect(left.map(({ token_mac }) => token_mac)).toEqual(["b", "d"]);
});

it("a code to an address that was never theirs, which was being sent", async () => {
  const { id } = await erased("underway02");
  const wanted = "wanted02@example.com";
  await handedOver("late02", wanted, id);
  const mailbox = createMailboxMailer({ db: site.app.db, clock: site.clock });
  const words = { subject: "zqsubject02", text: "zqtext02", html: "zqhtml02" };
  await mailbox.send({ to: wanted, messageId: "late02", ...words });
  // Somebody else was sent one there, too.
  await handedOver("other02", wanted);
  await mailbox.send({ to: wanted, messageId: "other02", ...words });
  const now = site.clock.now();
  const payload = JSON.stringify({ codeId: "c", email: wanted, purpose: "changeEmail", askedBy: id });
  await site.app.db.kysely
    .insertInto("jobs")
    .values({
      ...{ id: "late02", name: "verification-mail", payload, state: "done", attempts: 1 },
      ...{ created_at: now, due_at: 0, deadline_at: null, finished_at: now, last_error: null },
    })
    .execute();
  site.clock.advance(301);
  await site.runJobs();
  const { kysely } = site.app.db;
  const left = await kysely.selectFrom("mails").select("asked_by").where("to_key", "=", wanted).execute();
  expect(left).toEqual([{ asked_by: null }]);
  const messages = await kysely.selectFrom("mailbox_messages").select("message_id").execute();
  expect(messages).toHaveLength(1);
  const jobs = await kysely.selectFrom("jobs").select("payload").execute();
  expect(JSON.stringify(jobs)).not.toContain(wanted);
});

it("what the queue held, where it was away in that moment", async () => {
  const email = "away01@example.com";
  const { id } = await makePerson(site, "away01", { email });
  const user = (await site.app.users.byId(id))!;
  const { db } = site.app;
  const now = site.clock.now();
  const about = { created_at: now, due_at: 0, deadline_at: null, finished_at: now, last_error: "refused" };
  const payload = JSON.stringify({ to: email });
  await db.kysely
    .insertInto("jobs")
    .values({ id: "dead01", name: "verification-mail", payload, state: "dead", attempts: 3, ...about })
    .execute();
  await db.kysely
    .updateTable("users")
    .set({ deletion_due_at: now - 1 })
    .where("id", "=", id)
    .execute();
  const queue = {
    async forget(): Promise<number> {
      throw new Error("away");
    },
  };
  const { events } = createEventParts({ db, clock: site.clock, log: createLog("silent") });
  const deps = {
    ...{ db, clock: site.clock, users: site.app.users, events, queue },
    secretKeys: [testSecretKey] as const,
    ...{ erasedNames: createErasedNames([testSecretKey]), jobs: createOutbox({ db, clock: site.clock }) },
  };
  await expect(eraseAccount(deps, user)).rejects.toThrow("away");
  expect(await site.app.users.byId(id)).toBeNull();
  const left = async () => JSON.stringify(await db.kysely.selectFrom("jobs").select("payload").execute());
  expect(await left()).toContain(email);
  site.clock.advance(301);
  await site.runJobs();
  expect(await left()).not.toContain(email);
});

it("what a receiver of webhooks answered of the person", async () => {
  const { db } = site.app;
  const operator = { id: null, name: "test", requestId: null };
  const { endpoint } = await site.app.webhooks.add(operator, {
    url: "https://shop.example/hook",
    events: [],
  });
  const { id } = await makePerson(site, "answered01", { email: "answered01@example.com" });
  const now = site.clock.now();
  await db.kysely
    .insertInto("webhook_deliveries")
    .values({
      ...{
        endpoint_id: endpoint.id,
        message_id: "msg_answered",
        type: "user.updated",
        user_id: id,
        body: "{}",
      },
      ...{
        state: "delivered",
        attempts: 1,
        due_at: now,
        created_at: now,
        finished_at: now,
        last_status: 200,
      },
      ...{ last_answer: '{"email":"answered01@example.com"}', last_error: null },
    })
    .execute();
  await db.kysely
    .updateTable("users")
    .set({ deletion_due_at: now - 1 })
    .where("id", "=", id)
    .execute();
  await site.app.maintenance.run();
  await site.runJobs();
  const left = await db.kysely
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("user_id", "=", id)
    .execute();
  expect(left.length).toBeGreaterThan(0);
  expect(JSON.stringify(left)).not.toContain("answered01");
});
