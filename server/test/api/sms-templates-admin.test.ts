import { afterAll, beforeAll, expect, it } from "vitest";
import { type OutgoingSms, SmsFailure, SmsRefused } from "../../src/engines/sms/sms.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** SMS as staff look at them and try them. */
let site: TestApp;
let root: Person;
let refusal: Error | null = null;
const sent: OutgoingSms[] = [];
beforeAll(async () => {
  site = await startTestApp({
    smsSender: {
      async send(message) {
        if (refusal !== null) throw refusal;
        sent.push(message);
        return { words: "OK" };
      },
      close: async () => {},
    },
  });
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
afterAll(() => site.close());

const test = (payload: object) => site.as(root.token)({ method: "POST", url: "/admin/sms/test/", payload });
const wish = { template: "signIn", language: "en", to: "13800138000" };

it("shows each in each language, with nothing left to fill", async () => {
  const answer = await site.as(root.token)({ url: "/admin/sms/templates/" });
  const { templates } = answer.json() as {
    templates: { template: string; language: string; text: string }[];
  };
  expect(templates.filter(({ language }) => language === "ja").map(({ template }) => template)).toEqual([
    ...[
      "changeMobile",
      "register",
      "resetpwd",
      "leaveMobile",
      "deleteAccount",
      "accountDeleted",
      "joinAccount",
      "impersonation",
    ],
    "signIn",
  ]);
  for (const { text } of templates) {
    expect(text).not.toMatch(/[{}]/);
    expect(text.length).toBeGreaterThan(20);
  }
});

it("sends one to try and writes down that it did, without the number", async () => {
  const answer = await test(wish);
  expect(answer.statusCode, answer.body).toBe(200);
  expect(sent).toEqual([
    expect.objectContaining({ to: "13800138000", purpose: "signIn", code: "000000", minutes: 5 }),
  ]);
  const [entry] = (await site.app.audit.list({ limit: 1 })).entries;
  expect(entry).toMatchObject({ action: "system.sms-test", target: "signIn", actor: { id: root.id } });
  expect(JSON.stringify(entry)).not.toContain("13800138000");
});

it.each([
  [new SmsFailure("the vendor is away"), "the vendor is away"],
  [new SmsRefused("signature", "isv.SIGN_ILLEGAL"), "isv.SIGN_ILLEGAL"],
])("says why one did not go: %s", async (error, words) => {
  refusal = error;
  const answer = await test(wish);
  refusal = null;
  expect(answer.statusCode).toBe(400);
  expect(answer.json().message).toContain(words);
});

it("goes to no number that codes don't go to", async () => {
  for (const to of ["+12025550123", "12345"]) {
    const answer = await test({ ...wish, to });
    expect([answer.statusCode, Object.keys(answer.json())[0]]).toEqual([400, "to"]);
  }
  expect((await test({ ...wish, template: "deleteAccount" })).statusCode).toBe(400);
  expect(sent).toHaveLength(1);
});
