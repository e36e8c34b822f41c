import { afterAll, beforeAll, expect, it } from "vitest";
import { join, ready } from "../support/joining.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Two accounts become one: whichever has no confirmed address hears of it at its proved number. */
let site: TestApp;
let count = 0;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

async function somebody(columns: { email?: string; email_verified?: 0 | 1; isProved?: boolean } = {}) {
  const mobile = `136${String(++count).padStart(8, "0")}`;
  const { email = null, email_verified = 0, isProved = true } = columns;
  const person = await makePerson(site, `joiner${count}`);
  const proved = isProved ? { proved_mobile: mobile, mobile_proved_at: site.clock.now() } : {};
  await site.app.db.kysely
    .updateTable("users")
    .set({ mobile, ...proved, email, email_verified })
    .where("id", "=", person.id)
    .execute();
  await site.app.db.kysely
    .insertInto("login_names")
    .values({ name_key: mobile, user_id: person.id })
    .execute();
  return { ...person, mobile };
}
const proofOf = async ({ mobile, token }: { readonly mobile: string; readonly token: string }) => ({
  old_sms_code: await site.smsCodeFor(mobile, token),
});
const toldAt = (mobile: string) =>
  site.smsBox.filter(({ to, purpose }) => to === mobile && purpose === "joinAccount");

it("both, where neither has an address, without a name or a code", async () => {
  const [kept, joined] = [await somebody(), await somebody()];
  expect((await join(site, kept, await ready(site, kept, joined, await proofOf(joined)))).statusCode).toBe(
    200,
  );
  await site.runJobs();
  for (const { mobile } of [kept, joined]) {
    const [sms, ...more] = toldAt(mobile);
    expect([sms!.code, more]).toEqual(["", []]);
    expect(sms!.text).not.toMatch(/joiner/);
  }
  const jobs = await site.app.db.kysely.selectFrom("jobs").select("payload").execute();
  expect(JSON.stringify(jobs)).not.toContain(`"userId":${joined.id}`);
});

it("not where a confirmed address gets the mail, nor a number that nobody proved", async () => {
  const kept = await somebody({ email: "joined01@example.com", email_verified: 1 });
  const joined = await somebody({ isProved: false });
  expect((await join(site, kept, await ready(site, kept, joined))).statusCode).toBe(200);
  await site.runJobs();
  expect([toldAt(kept.mobile), toldAt(joined.mobile)]).toEqual([[], []]);
  expect(site.mailbox.at(-1)).toMatchObject({ kind: "account_joined", to: "joined01@example.com" });
});

it("the number that moves, too: what it told a moment ago is its owner's", async () => {
  const kept = await somebody({ email: "joined02@example.com", email_verified: 1 });
  await site.app.db.kysely.deleteFrom("login_names").where("name_key", "=", kept.mobile).execute();
  await site.app.db.kysely
    .updateTable("users")
    .set({ mobile: null, proved_mobile: null, mobile_proved_at: null })
    .where("id", "=", kept.id)
    .execute();
  const joined = await somebody();
  expect((await join(site, kept, await ready(site, kept, joined, await proofOf(joined)))).statusCode).toBe(
    200,
  );
  await site.runJobs();
  expect(toldAt(joined.mobile)).toHaveLength(1);
});
