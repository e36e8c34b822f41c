import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Who has no address of their own hears of a deletion at their number. */
let site: TestApp;
let count = 0;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

type Address = { readonly email: string | null; readonly email_verified: 0 | 1 };

async function somebody(address: Address = { email: null, email_verified: 0 }) {
  const mobile = `137${String(++count).padStart(8, "0")}`;
  const person = await makePerson(site, `number${count}`);
  await site.app.db.kysely
    .updateTable("users")
    .set({ mobile, proved_mobile: mobile, mobile_proved_at: site.clock.now(), ...address })
    .where("id", "=", person.id)
    .execute();
  const payload = { current_password: password };
  const ask = () => site.as(person.token)({ method: "POST", url: "/user/deletion/", payload });
  return { ...person, mobile, ask };
}
const toldAt = (mobile: string) =>
  site.smsBox.filter(({ to, purpose }) => to === mobile && purpose === "deleteAccount");

it("at once, with the days that are left, and without a name or a code", async () => {
  const { ask, mobile, username } = await somebody();
  expect((await ask()).statusCode).toBe(202);
  await site.runJobs();
  const [sms, ...more] = toldAt(mobile);
  expect(more).toEqual([]);
  expect([sms!.code, sms!.text.includes("7 天后清除")]).toEqual(["", true]);
  expect(sms!.text).not.toContain(username);
});

it("not where a confirmed address gets the mail; one that was never confirmed is no reason", async () => {
  const confirmed = await somebody({ email: "told01@example.com", email_verified: 1 });
  const mistyped = await somebody({ email: "told02@example.com", email_verified: 0 });
  for (const { ask } of [confirmed, mistyped]) expect((await ask()).statusCode).toBe(202);
  await site.runJobs();
  expect(toldAt(confirmed.mobile)).toEqual([]);
  expect(toldAt(mistyped.mobile)).toHaveLength(1);
});

it("not when it was cancelled before the SMS could go, and nothing of it is left after the erasure", async () => {
  const { ask, mobile, id, username } = await somebody();
  await ask();
  const payload = { username, password };
  const { step } = (await site.anonymous({ method: "POST", url: "/users/authorizations/", payload })).json();
  await site.anonymous({ method: "POST", url: "/users/deletion/cancel/", payload: { step } });
  await site.runJobs();
  expect(toldAt(mobile)).toEqual([]);
  const other = await somebody();
  await other.ask();
  site.clock.advance(8 * 86_400);
  await site.app.maintenance.run();
  await site.runJobs();
  expect(await site.app.users.byId(other.id)).toBeNull();
  expect(await site.app.users.byId(id)).not.toBeNull();
  expect(toldAt(other.mobile)).toEqual([]);
  const jobs = await site.app.db.kysely.selectFrom("jobs").select("payload").execute();
  expect(JSON.stringify(jobs)).not.toContain(other.mobile);
});
