import { afterAll, beforeAll, expect, it } from "vitest";
import { type Classic, startClassic } from "../support/classic.ts";

/** A typed code is one ticket, a ticket one password, an address one account's, whoever comes at once. */
const callers = 30;
const many = <T>(call: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: callers }, (_, i) => call(i)));
const ok = (answers: readonly { readonly statusCode: number }[]) =>
  answers.filter(({ statusCode }) => statusCode === 200).length;

let site: Classic;
beforeAll(async () => {
  site = await startClassic();
});
afterAll(() => site.test.close());

it("of one code one ticket, of one ticket one password", async () => {
  const { id, username, mobile } = await site.person();
  const begun = await site.get(`/accounts/${username}/sms/token/?${await site.picture()}`);
  site.test.clock.advance(61);
  await site.get(`/sms_codes/?access_token=${begun.json().access_token}`);
  const code = await site.lastSms(mobile);
  const tickets = await many(() => site.get(`/accounts/${username}/password/token/?sms_code=${code}`));
  expect(ok(tickets)).toBe(1);
  expect(tickets.filter(({ statusCode }) => statusCode >= 500)).toEqual([]);
  const { access_token } = tickets.find(({ statusCode }) => statusCode === 200)!.json();
  const set = await many((i) => {
    const password = `another-8B${i}b`;
    return site.send("POST", `/users/${id}/password/`, { password, password2: password, access_token });
  });
  expect(ok(set)).toBe(1);
  expect(set.filter(({ statusCode }) => statusCode >= 500)).toEqual([]);
});

it("of links to one address, given by two accounts, one confirms it", async () => {
  const email = "wanted@163.com";
  const people = [await site.person(), await site.person()];
  for (const { token } of people)
    expect((await site.send("PUT", "/email/", { email }, token)).statusCode).toBe(200);
  await site.test.runJobs();
  const links = site.test.mailbox
    .filter(({ to }) => to === email)
    .map(({ text }) => /token=([\w.-]+)/.exec(text)![1]!);
  expect(links).toHaveLength(2);
  const opened = await many((i) => site.get(`/emails/verification/?token=${links[i % 2]}`));
  expect(ok(opened)).toBe(callers / 2);
  expect(opened.filter(({ statusCode }) => statusCode >= 500)).toEqual([]);
  const holders = await site.test.app.db.kysely
    .selectFrom("users")
    .select("id")
    .where("email", "=", email)
    .where("email_verified", "=", 1)
    .execute();
  expect(holders).toHaveLength(1);
});
