import { afterAll, beforeAll, expect, it } from "vitest";
import { createMailRecord } from "../../src/engines/mail/mail-record.ts";
import { openArchive } from "../support/archive.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What was sent to a number or an address is its owner's to see, and not of who typed it, or had it before or after. */
let site: TestApp;
let count = 0;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

const sentTo = (to: string) =>
  createMailRecord({ db: site.app.db, clock: site.clock }).tried({
    ...{ jobId: `sent${++count}`, to, kind: "sms_signIn", state: "accepted", words: "OK" },
  });
const kindsAccordingTo = async ({ token }: Pick<Person, "token">) => {
  const asked = await site.as(token)({ method: "POST", url: "/user/export/" });
  await site.runJobs();
  const answer = await site.as(token)({ url: `/user/export/${asked.json().id}/` });
  type Mail = { kind: string; to_address: string };
  const { mails = [] } = openArchive(answer.rawPayload).data.tables as { mails?: Mail[] };
  return mails;
};
const set = (id: number, values: { mobile: string; proved_mobile?: string; mobile_proved_at?: number }) =>
  site.app.db.kysely.updateTable("users").set(values).where("id", "=", id).execute();
async function sentAccordingTo({ token }: Pick<Person, "token">): Promise<number> {
  const asked = await site.as(token)({ method: "POST", url: "/user/export/" });
  expect(asked.statusCode, asked.body).toBe(202);
  await site.runJobs();
  const answer = await site.as(token)({ url: `/user/export/${asked.json().id}/` });
  const { mails = [] } = openArchive(answer.rawPayload).data.tables as { mails?: { kind: string }[] };
  return mails.filter(({ kind }) => kind === "sms_signIn").length;
}

it("a number that was only typed shows nothing of what it was sent", async () => {
  const person = await makePerson(site, "typed001");
  await sentTo("13700000001");
  await set(person.id, { mobile: "13700000001" });
  expect(await sentAccordingTo(person)).toBe(0);
});

it("a proved number shows what it was sent since, and not who had it before", async () => {
  const person = await makePerson(site, "proved01");
  const mobile = "13700000002";
  await sentTo(mobile);
  site.clock.advance(60);
  await set(person.id, { mobile, proved_mobile: mobile, mobile_proved_at: site.clock.now() });
  site.clock.advance(60);
  await sentTo(mobile);
  expect(await sentAccordingTo(person)).toBe(1);
});

it("an address that was wanted is shown; that another's has an account is not", async () => {
  const other = await makePerson(site, "hasone01", { email: "hasone01@example.com" });
  const person = await makePerson(site, "wanted01", { email: "wanted01@example.com" });
  await site.codeFor("new-one@example.com", "changeEmail", person.token);
  // Says "there is an account" in the mail, and in the record's kind.
  const url = "/verifications/email_codes/hasone01@example.com/?send_type=register";
  expect((await site.as(person.token)({ url })).statusCode).toBe(200);
  await site.runJobs();
  const shown = await kindsAccordingTo(person);
  expect(shown.filter(({ to_address }) => to_address === "new-one@example.com")).toMatchObject([
    { kind: "changeEmail" },
  ]);
  expect(JSON.stringify(shown)).not.toContain("hasone01");
  expect((await kindsAccordingTo(other)).map(({ kind }) => kind)).toContain("account_exists");
});
