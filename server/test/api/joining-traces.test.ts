import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { SmsFailure } from "../../src/engines/sms/sms.ts";
import { join, ready } from "../support/joining.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What tells of a join outlasts a mail server that is down while the joined account's traces are removed, and leaves none itself. */
const day = 86_400;
let site: TestApp;
let isDown = false;
let isShut = false;
const sent: string[] = [];
const texted: string[] = [];
const codes: string[] = [];
beforeAll(async () => {
  site = await startTestApp({
    mailer: {
      async send({ to, kind }) {
        if (isDown) throw new Error("connect ECONNREFUSED");
        if (kind === "account_joined") sent.push(to);
      },
      verify: async () => {},
      close: async () => {},
    },
    smsSender: {
      async send({ to, purpose, code }) {
        if (isShut) throw new SmsFailure("the vendor is away");
        codes.push(code);
        if (purpose === "joinAccount") texted.push(to);
        return { words: "taken" };
      },
      close: async () => {},
    },
  });
});
afterAll(() => site.close());
beforeEach(() => {
  isDown = false;
  isShut = false;
  sent.length = 0;
  texted.length = 0;
});

const { stringify } = JSON;
async function left() {
  const jobs = await site.app.db.kysely.selectFrom("jobs").select("payload").execute();
  const mails = await site.app.db.kysely.selectFrom("mails").selectAll().execute();
  return stringify([jobs, mails]);
}
async function queued() {
  const held: string[] = [];
  await site.app.jobs.list({
    limit: 100,
    matching: (payload) => {
      held.push(stringify(payload));
      return false;
    },
  });
  return held.join("\n");
}
/** Tried at once and a moment before the traces go, so that what is to be told waits in that moment. */
async function passRemoval() {
  await site.runJobs();
  await pass(295);
  await pass(6);
}
async function pass(seconds: number) {
  site.clock.advance(seconds);
  await site.runJobs();
}

it("both mails arrive where mail was down beyond the removal of the joined account's traces", async () => {
  const kept = await makePerson(site, "kept01", { email: "kept01@example.com" });
  const joined = await makePerson(site, "joined01", { email: "joined01@example.com" });
  const both = await ready(site, kept, joined);
  isDown = true;
  expect((await join(site, kept, both)).statusCode).toBe(200);
  await passRemoval();
  expect(sent).toEqual([]);
  isDown = false;
  await pass(3600);
  expect(sent.toSorted()).toEqual(["joined01@example.com", "kept01@example.com"]);
  await pass(4 * day);
  expect(`${await left()}${await queued()}`).not.toContain("joined01");
});

it("so do both SMS where their vendor was away", async () => {
  const numbers = ["13600000001", "13600000002"];
  const people = [];
  for (const mobile of numbers) {
    const person = await makePerson(site, `number${mobile}`);
    await site.app.db.kysely
      .updateTable("users")
      .set({
        mobile,
        proved_mobile: mobile,
        mobile_proved_at: site.clock.now(),
        email: null,
        email_verified: 0,
      })
      .where("id", "=", person.id)
      .execute();
    await site.app.db.kysely
      .insertInto("login_names")
      .values({ name_key: mobile, user_id: person.id })
      .execute();
    people.push(person);
  }
  const [kept, joined] = people;
  const url = `/verifications/sms_codes/${numbers[1]}/?send_type=changeMobile`;
  expect((await site.as(joined!.token)({ url })).statusCode).toBe(200);
  await site.runJobs();
  const both = await ready(site, kept!, joined!, { old_sms_code: codes.at(-1)! });
  isShut = true;
  expect((await join(site, kept!, both)).statusCode).toBe(200);
  await passRemoval();
  expect(texted).toEqual([]);
  isShut = false;
  await pass(3600);
  expect(texted.toSorted()).toEqual(numbers);
  await pass(4 * day);
  expect(`${await left()}${await queued()}`).not.toContain(numbers[1]);
});

it("what nobody ever took is given up, and goes on the fourth day", async () => {
  const kept = await makePerson(site, "kept02", { email: "kept02@example.com" });
  const joined = await makePerson(site, "joined02", { email: "joined02@example.com" });
  const both = await ready(site, kept, joined);
  isDown = true;
  expect((await join(site, kept, both)).statusCode).toBe(200);
  for (let hour = 0; hour < 76; hour++) await pass(3601);
  const dead = await site.app.jobs.list({ state: "dead", limit: 100 });
  expect(dead.filter(({ payload }) => stringify(payload).includes("account_joined"))).toHaveLength(2);
  await pass(day);
  expect(`${await left()}${await queued()}`).not.toContain("joined02");
});
