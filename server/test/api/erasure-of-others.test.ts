import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { securityNoticeJob } from "../../src/accounts/user-jobs.ts";
import { createOutbox } from "../../src/engines/jobs/outbox.ts";
import { createMailRecord } from "../../src/engines/mail/mail-record.ts";
import { type Classic, startClassic } from "../support/classic.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** An erasure takes what is the person's, and nothing of who has the same address, or a number that was theirs. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

async function erase(at: TestApp, id: number): Promise<void> {
  const due = { deletion_due_at: at.clock.now() - 1 };
  await at.app.db.kysely.updateTable("users").set(due).where("id", "=", id).execute();
  await at.app.maintenance.run();
  await at.runJobs();
  expect(await at.app.users.byId(id)).toBeNull();
}
/** With the job that looks once more for what was under way. */
async function eraseForGood(at: TestApp, id: number): Promise<void> {
  await erase(at, id);
  at.clock.advance(301);
  await at.runJobs();
}

/** Accounts as an import makes them whose original let several have one address: it is nobody's to log in by. */
async function share(email: string, ...usernames: readonly string[]): Promise<Person[]> {
  const people: Person[] = [];
  for (const username of usernames) people.push(await makePerson(site, username));
  const ids = people.map(({ id }) => id);
  await site.app.db.kysely
    .updateTable("users")
    .set({ email, email_verified: 0 })
    .where("id", "in", ids)
    .execute();
  return people;
}
async function setEmail({ token }: Pick<Person, "token">, email: string) {
  const email_code = await site.codeFor(email, "changeEmail", token);
  const payload = { email, email_code, current_password: password };
  return site.as(token)({ method: "PUT", url: "/user/email/", payload });
}
async function recordsOf(column: "user_id" | "asked_by", id: number): Promise<number> {
  const rows = site.app.db.kysely.selectFrom("mails").select("id").where(column, "=", id);
  return (await rows.execute()).length;
}

describe("an address of several imported accounts", () => {
  it("that another one proved stays that one's, with its mails and what is still to be sent to it", async () => {
    const email = "shared01@qq.com";
    const [leaving, owner] = await share(email, "shared01a", "shared01b");
    expect((await setEmail(owner!, email)).statusCode).toBe(200);
    const notice = {
      userId: owner!.id,
      kind: "new_device",
      language: "unknown",
      at: site.clock.now(),
    } as const;
    const later = createOutbox({ db: site.app.db, clock: site.clock });
    await later.enqueue(securityNoticeJob, { ...notice, to: email }, { delaySeconds: 3600 });
    const before = await recordsOf("asked_by", owner!.id);
    expect(before).toBeGreaterThan(0);
    await eraseForGood(site, leaving!.id);
    expect(await recordsOf("asked_by", owner!.id)).toBe(before);
    const sent = site.mailbox.length;
    site.clock.advance(3601);
    await site.runJobs();
    expect(site.mailbox.slice(sent).map(({ kind, to }) => [kind, to])).toContainEqual(["new_device", email]);
    // Away and back again.
    const fresh = { ...owner!, token: (await logIn(email)).json().token };
    expect((await setEmail(fresh, "shared01-other@qq.com")).statusCode).toBe(200);
    site.clock.advance(61);
    const back = await setEmail(fresh, email);
    expect([back.statusCode, back.body]).toEqual([200, expect.any(String)]);
  });

  it("that nobody proved is kept from none of the others", async () => {
    const email = "shared02@qq.com";
    const [leaving, other] = await share(email, "shared02a", "shared02b");
    await eraseForGood(site, leaving!.id);
    const answer = await setEmail(other!, email);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
  });

  const logIn = (username: string) =>
    site.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });
});

it("a number that went on to somebody else stays theirs, with what was sent to it", async () => {
  const [mobile, next] = ["13900001111", "13900002222"];
  const leaving = await makePerson(site, "numbered01", { email: "numbered01@qq.com" });
  const prove = async ({ token }: Person, number: string, more: object = {}) => {
    const sms_code = await site.smsCodeFor(number, token);
    const payload = { mobile: number, sms_code, current_password: password, ...more };
    const answer = await site.as(token)({ method: "PUT", url: "/user/mobile/", payload });
    expect(answer.statusCode, answer.body).toBe(200);
    site.clock.advance(61);
  };
  await prove(leaving, mobile);
  const old_sms_code = await site.smsCodeFor(mobile, leaving.token);
  await prove(leaving, next, { old_sms_code });
  const owner = await makePerson(site, "numbered02", { email: "numbered02@qq.com" });
  await prove(owner, mobile);
  const before = await recordsOf("asked_by", owner.id);
  expect(before).toBeGreaterThan(0);
  await eraseForGood(site, leaving.id);
  expect(await recordsOf("asked_by", owner.id)).toBe(before);
  expect(await site.app.users.byProvedMobile(mobile)).toMatchObject({ id: owner.id });
});

describe("an address that was written down and never confirmed", () => {
  let classic: Classic;
  beforeAll(async () => {
    classic = await startClassic({ env: { SIGN_UP_BY: "email,mobile" } });
  });
  afterAll(() => classic.test.close());

  it("is kept from nobody by the erasure of who wrote it down", async () => {
    const email = "stranger01@163.com";
    const { id, token } = await classic.person();
    expect((await classic.send("PUT", "/email/", { email }, token)).statusCode).toBe(200);
    await eraseForGood(classic.test, id);
    await expect(classic.test.signUp({ username: "stranger01", email })).resolves.toMatchObject({ email });
  });

  it("leaves no record of the link that was on its way to it", async () => {
    const email = "stranger02@163.com";
    const { id, token } = await classic.person();
    expect((await classic.send("PUT", "/email/", { email }, token)).statusCode).toBe(200);
    await classic.test.runJobs();
    expect(classic.test.mailbox.findLast(({ to }) => to === email)).toMatchObject({ askedBy: id });
    await erase(classic.test, id);
    // A worker that was handing it over writes its record afterwards.
    await createMailRecord({ db: classic.test.app.db, clock: classic.test.clock }).tried({
      ...{
        jobId: "late-link",
        to: email,
        kind: "confirm_email",
        state: "accepted",
        words: "250 OK",
        askedBy: id,
      },
    });
    classic.test.clock.advance(301);
    await classic.test.runJobs();
    const records = classic.test.app.db.kysely.selectFrom("mails").select("id").where("to_key", "=", email);
    expect(await records.execute()).toEqual([]);
  });
});
