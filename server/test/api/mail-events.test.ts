import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Mailer } from "../../src/engines/mail/mail.ts";
import { createMailRecord } from "../../src/engines/mail/mail-record.ts";
import { readWebhookSecret, signedHeaders } from "../../src/kernel/webhook-signature.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const secret = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
const lines: string[] = [];
const log = () => lines.join("");
let count = 0;
let test: TestApp;
let staff: Person;
const mailer: Mailer = {
  send: async () => ({ words: "200", providerId: `re_${++count}` }),
  verify: async () => {},
  close: async () => {},
};

beforeAll(async () => {
  const logTo = { write: (line: string) => void lines.push(line) };
  const env = { MAIL_EVENTS_SECRET: secret, MAIL_EVENTS_TOKEN: "a-token-of-the-operator" };
  test = await startTestApp({ mailer, logTo, env });
  staff = await makePerson(test, "staffuser", { is_staff: 1, permissions: ["mail.view_mail"] });
});
beforeEach(() => {
  lines.length = 0;
});
afterAll(() => test.close());

interface Sending {
  readonly key?: string;
  /** Seconds beside the clock. */
  readonly off?: number;
  /** In place of what was signed. */
  readonly payload?: string;
  readonly prefix?: string;
  readonly drop?: string;
}
let sent = 0;

function report(body: object, { key = secret, off = 0, payload, prefix = "webhook", drop }: Sending = {}) {
  const text = JSON.stringify(body);
  const seconds = Math.floor(test.clock.now() / 1000) + off;
  const made = signedHeaders(readWebhookSecret(key)!, { id: `msg_${++sent}`, seconds, body: text });
  const headers = Object.fromEntries(
    Object.entries(made)
      .map(([name, value]) => [name.replace("webhook", prefix), value])
      .filter(([name]) => name !== drop),
  );
  return test.anonymous({
    ...{ method: "POST", url: "/mails/events/", payload: payload ?? text },
    headers: { "content-type": "application/json", ...headers },
  });
}

/** A mail that the service took, and its id there. */
async function mailed(email: string): Promise<string> {
  await test.codeFor(email).catch(() => undefined);
  test.clock.advance(60);
  await test.runJobs();
  return `re_${count}`;
}
const stateOf = async (email: string) => {
  const found = await test.as(staff.token)({ url: `/admin/mails/?to=${email}` });
  const [mail] = found.json().results;
  return mail;
};
const bounced = (email_id: string, message = "550 no such mailbox") => ({
  type: "email.bounced",
  created_at: "2026-11-28T13:14:35.000Z",
  data: {
    email_id,
    to: ["a@qq.com"],
    subject: "s",
    bounce: { message, type: "Permanent", subType: "General" },
  },
});

describe("a mail service's report", () => {
  it("becomes the mail's state, with the service's words but no address and no code of them", async () => {
    const id = await mailed("44@qq.com");
    const answer = await report(
      bounced(id, "550 <44@qq.com>: no such user\r\n your code A7K9Q2, call 13800138000"),
    );
    expect([answer.statusCode, answer.json()]).toEqual([200, { message: "OK" }]);
    expect(await stateOf("44@qq.com")).toMatchObject({
      state: "bounced",
      words: "Permanent General 550 <4***@qq.com>: no such user your code …, call 138****8000",
    });
    expect(log()).toContain('"state":"bounced"');
    expect(log()).not.toMatch(/44@qq\.com|A7K9Q2|13800138000/);
  });

  it("is taken from Resend by its older headers, and by several signatures while a secret is replaced", async () => {
    const id = await mailed("resend@qq.com");
    const delivered = { type: "email.delivered", created_at: "2026-11-28T13:14:35Z", data: { email_id: id } };
    expect((await report(delivered, { prefix: "svix" })).statusCode).toBe(200);
    expect(await stateOf("resend@qq.com")).toMatchObject({ state: "delivered", words: "" });
  });

  it("is taken from a program of one's own", async () => {
    const id = await mailed("own@qq.com");
    await report({ type: "mail.complained", timestamp: "2026-11-28T13:14:35Z", data: { id, words: "spam" } });
    expect(await stateOf("own@qq.com")).toMatchObject({ state: "complained", words: "spam" });
  });

  it("changes nothing twice, nor backwards", async () => {
    const id = await mailed("order@qq.com");
    await report(bounced(id, "first"));
    const { changed_at } = await stateOf("order@qq.com");
    test.clock.advance(10);
    for (const later of [bounced(id, "second"), { type: "email.delivered", data: { email_id: id } }]) {
      expect((await report(later)).statusCode).toBe(200);
      expect(await stateOf("order@qq.com")).toMatchObject({
        state: "bounced",
        words: "Permanent General first",
        changed_at,
      });
    }
  });

  it("stops no code: the next one goes out, and is good", async () => {
    await report(bounced(await mailed("goes-on@qq.com")));
    test.clock.advance(60);
    expect((await test.anonymous({ url: "/verifications/email_codes/goes-on@qq.com/" })).statusCode).toBe(
      200,
    );
    await test.runJobs();
    expect(await stateOf("goes-on@qq.com")).toMatchObject({ state: "accepted" });
  });

  it.each<[string, Sending]>([
    ["by another key", { key: `whsec_${Buffer.alloc(32, 6).toString("base64")}` }],
    ["five minutes old", { off: -301 }],
    ["of a time to come", { off: 301 }],
    ["with another body", { payload: "{}" }],
    ["without its id", { drop: "webhook-id" }],
    ["without its time", { drop: "webhook-timestamp" }],
    ["without a signature", { drop: "webhook-signature" }],
  ])("%s is refused", async (_, sending) => {
    const email = `refused${++sent}@qq.com`;
    const id = await mailed(email);
    const answer = await report(bounced(id), sending);
    expect([answer.statusCode, answer.json().detail]).toEqual([403, "事件的签名无效，或时间已过。"]);
    expect(await stateOf(email)).toMatchObject({ state: "accepted" });
  });

  it("that is signed for DirectMail by nobody, or by somebody else's token, is refused", async () => {
    const headers = {
      "x-eventbridge-signature-v2": "AA==",
      "x-eventbridge-signature-token": "another-customers-token",
    };
    const answer = await test.anonymous({ method: "POST", url: "/mails/events/", headers, payload: "{}" });
    expect(answer.statusCode).toBe(403);
  });

  it.each([
    ["no JSON", "not json", 400],
    ["a list", "[]", 200],
    ["null", "null", 200],
    ["no type", "{}", 200],
    ["an inherited name for a type", '{"type":"email.constructor","data":{"email_id":"re_1"}}', 200],
    ["an opened mail", '{"type":"email.opened","data":{"email_id":"re_1"}}', 200],
    ["an id that is none", '{"type":"email.bounced","data":{"email_id":{"$ne":1}}}', 200],
  ])("with %s changes nothing", async (_, text, status) => {
    const seconds = Math.floor(test.clock.now() / 1000);
    const headers = signedHeaders(readWebhookSecret(secret)!, { id: `msg_${++sent}`, seconds, body: text });
    const answer = await test.anonymous({ method: "POST", url: "/mails/events/", headers, payload: text });
    expect(answer.statusCode).toBe(status);
    expect(log()).not.toContain("a mail service reported");
  });

  it("above 64 KB is not read", async () => {
    const answer = await report({ type: "email.bounced", data: { text: "x".repeat(65 * 1024) } });
    expect(answer.statusCode).toBe(413);
  });

  it("of a mail that is not known yet is asked for again while it is young", async () => {
    const young = { ...bounced("re_later"), created_at: new Date(test.clock.now()).toISOString() };
    const answer = await report(young);
    expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "5"]);
    expect((await report(bounced("re_of_another_site"))).statusCode).toBe(200);
  });

  it("is not found where no key is set", async () => {
    const other = await startTestApp();
    try {
      for (const headers of [{}, { "x-eventbridge-signature-v2": "AA==" }]) {
        const answer = await other.anonymous({
          method: "POST",
          url: "/mails/events/",
          headers,
          payload: "{}",
        });
        expect(answer.statusCode).toBe(404);
      }
    } finally {
      await other.close();
    }
  });
});

it("a mail that is handed over once more, by a worker that takes over a dead one's job, keeps what was reported", async () => {
  const mails = createMailRecord({ db: test.app.db, clock: test.clock });
  const tried = (providerId: string) =>
    mails.tried({
      jobId: "taken-over",
      to: "again@qq.com",
      kind: "register",
      state: "accepted",
      words: "200",
      providerId,
    });
  await tried("again_1");
  expect((await report(bounced("again_1"))).statusCode).toBe(200);
  await tried("again_2");
  expect(await stateOf("again@qq.com")).toMatchObject({
    state: "bounced",
    words: "Permanent General 550 no such mailbox",
    tries: 2,
  });
});
