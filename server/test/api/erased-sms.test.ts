import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { PermanentFailure } from "../../src/engines/jobs/jobs.ts";
import { type OutgoingSms, SmsFailure, SmsRefused, type SmsSender } from "../../src/engines/sms/sms.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Who has no address of their own hears of the erasure at their number, above all where staff delete without grace. */
let site: TestApp;
let staff: string;
let trouble: Error | null = null;
const tried: OutgoingSms[] = [];
const smsSender: SmsSender = {
  async send(message) {
    tried.push(message);
    if (trouble !== null) throw trouble;
    return { words: "taken" };
  },
  close: async () => {},
};
beforeAll(async () => {
  site = await startTestApp({ env: { DELETION_GRACE_DAYS: "0" }, smsSender });
  staff = (await makePerson(site, "root0001", { is_superuser: 1 })).token;
});
afterAll(() => site.close());
beforeEach(() => {
  trouble = null;
  tried.length = 0;
});

let count = 0;
async function somebody(address: { email: string | null; email_verified: 0 | 1 }, at = site) {
  const mobile = `138${String(++count).padStart(8, "0")}`;
  const { id, username } = await makePerson(at, `number${count}`);
  await at.app.db.kysely
    .updateTable("users")
    .set({ mobile, proved_mobile: mobile, mobile_proved_at: at.clock.now(), ...address })
    .where("id", "=", id)
    .execute();
  const payload = { reason: "asked by letter" };
  const removed = () => site.as(staff)({ method: "DELETE", url: `/admin/users/${id}/`, payload });
  return { id, username, mobile, removed };
}
const withoutAddress = { email: null, email_verified: 0 } as const;
const isErased = async (id: number) => (await site.app.users.byId(id)) === null;

it("once, without a name or a code, and nothing of it is left", async () => {
  const { id, username, mobile, removed } = await somebody(withoutAddress);
  expect((await removed()).statusCode).toBe(202);
  await site.runJobs();
  expect(await isErased(id)).toBe(true);
  expect(tried).toMatchObject([{ to: mobile, purpose: "accountDeleted", code: "" }]);
  expect(tried[0]!.text).toContain("不能恢复");
  expect(tried[0]!.text).not.toContain(username);
  for (const table of ["jobs", "mails", "mailbox_messages"] as const) {
    const rows = await site.app.db.kysely.selectFrom(table).selectAll().execute();
    expect(JSON.stringify(rows), table).not.toContain(mobile);
  }
});

it("not where a confirmed address gets the mail; one that was never confirmed is no reason", async () => {
  const confirmed = await somebody({ email: "told01@example.com", email_verified: 1 });
  const mistyped = await somebody({ email: "told02@example.com", email_verified: 0 });
  for (const { removed } of [confirmed, mistyped]) await removed();
  await site.runJobs();
  expect(tried.map(({ to }) => to)).toEqual([mistyped.mobile]);
  expect(site.mailbox.filter(({ kind }) => kind === "account_deleted").map(({ to }) => to)).toEqual(
    expect.arrayContaining(["told01@example.com", "told02@example.com"]),
  );
});

it("tried again where the vendor is down, and the account is erased all the same", async () => {
  const { id, removed } = await somebody(withoutAddress);
  trouble = new SmsFailure("down");
  expect((await removed()).statusCode).toBe(202);
  for (const erased of [false, false, true]) {
    await site.runJobs();
    expect(await isErased(id)).toBe(erased);
    site.clock.advance(60);
  }
  expect(new Set(tried.map(({ messageId }) => messageId)).size).toBe(1);
  expect(tried).toHaveLength(3);
});

it("not waited for where nobody has the number", async () => {
  const { id, removed } = await somebody(withoutAddress);
  trouble = new SmsRefused("number", "no such number");
  expect((await removed()).statusCode).toBe(202);
  await site.runJobs();
  expect(await isErased(id)).toBe(true);
  expect(tried).toHaveLength(1);
});

it("also where the address takes no mail for good, which ends the erasure of nobody", async () => {
  const refusing = await startTestApp({
    env: { DELETION_GRACE_DAYS: "0" },
    smsSender,
    mailer: {
      async send() {
        throw new PermanentFailure("550 no such user");
      },
      verify: async () => {},
      close: async () => {},
    },
  });
  try {
    const mistyped = await somebody({ email: "nobody01@example.com", email_verified: 0 }, refusing);
    const gone = await somebody({ email: "gone0001@example.com", email_verified: 1 }, refusing);
    const owner = (await makePerson(refusing, "root0001", { is_superuser: 1 })).token;
    for (const { id } of [mistyped, gone]) {
      const payload = { reason: "asked by letter" };
      const removed = await refusing.as(owner)({ method: "DELETE", url: `/admin/users/${id}/`, payload });
      expect(removed.statusCode).toBe(202);
    }
    await refusing.runJobs();
    expect(tried.map(({ to }) => to)).toEqual([mistyped.mobile]);
    for (const { id } of [mistyped, gone]) expect(await refusing.app.users.byId(id)).toBeNull();
  } finally {
    await refusing.close();
  }
});
