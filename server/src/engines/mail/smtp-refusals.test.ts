import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ScriptedSmtp, startScriptedSmtp } from "../../../test/support/scripted-smtp.ts";
import { startTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { PermanentFailure } from "../jobs/jobs.ts";
import { type Mailer, MailFailure } from "./mail.ts";
import { createSmtpMailer } from "./smtp-mailer.ts";

/** Answers as the providers give them (smtp-refusals.ts has the sources), by a server that says them at the step in question. */
const script: Record<string, string> = {};
let server: ScriptedSmtp;
let mailer: Mailer;
beforeAll(async () => {
  server = await startScriptedSmtp(script);
  mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${server.port}?tls=never`, from: "a@b.example" });
});
afterEach(() => {
  for (const step of Object.keys(script)) delete script[step];
});
afterAll(async () => {
  await mailer.close();
  await server.close();
});

async function refusedWith(step: string, answer: string): Promise<unknown> {
  script[step] = answer;
  const message = { to: "c@d.example", subject: "s", text: "t", html: "<p>t</p>", messageId: "job-1" };
  return mailer.send(message).catch((error: unknown) => error);
}

const later: readonly (readonly [string, string, string])[] = [
  ["QQ", "body", "550 Connection frequency limited"],
  [
    "QQ",
    "RCPT",
    "550 Ip frequency limited [OE75+tMkedpVWlvh]. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000725",
  ],
  ["QQ", "MAIL", "550 Sender frequency limited"],
  ["Tencent Exmail", "body", "550 Domain frequency limited"],
  ["QQ", "RCPT", "550 Mailbox unavailable or access denied"],
  ["QQ", "body", "550 Connection denied"],
  ["163", "MAIL", "550 MI:SFQ 163 smtp7,C8CowAAnpFyamC9fa52cAg--.56912S2 1596954778"],
  ["163", "RCPT", "550 RP:TRC 163 smtp2,DdGowKA7IJDH 1395117894"],
  ["163", "MAIL", "554 HL:IFQ 163 smtp3"],
  ["163", "body", "554 MI:STC 126 smtp1"],
  [
    "Alibaba",
    "body",
    "554 Reject by behaviour spam ANTISPAM_BAT[01201311R196, c01a1]: too frequently sending",
  ],
  ["Alibaba", "RCPT", "504 the number of RCPT attempts is achieved the maximum threshold"],
  ["DirectMail", "body", "552 Daily sending quota exceeded"],
  ["Microsoft 365", "body", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException"],
  ["Microsoft 365", "RCPT", "550 5.1.90 Your message can't be sent because you've reached your daily limit"],
  ["Microsoft 365", "MAIL", "550 5.2.252 Sender throttled due to continuous send as denied errors."],
  ["Gmail", "body", "550 5.4.5 Daily user sending limit exceeded. gsmtp"],
  ["Gmail", "body", "550-5.7.28 Our system has detected an unusual rate of mail. gsmtp\r\n550 5.7.28 gsmtp"],
  ["a class 4 under a 5xx code", "RCPT", "554 4.7.1 Service unavailable"],
  ["Postfix with greylisting", "RCPT", "550 5.7.1 Greylisted, please try again in 300 seconds"],
  ["Microsoft 365", "MAIL", "550 5.7.705 Access denied, tenant has exceeded threshold. AS831"],
  ["Sohu", "RCPT", "553 5.7.0 IP REJECT:203.0.113.9:1760000000:https://mail.sohu.com/help"],
  ["Sina", "body", "554 Rejected due to the sending MTA's poor reputation"],
  ["Sina", "body", "552 too many same size mails."],
  ["139", "body", "550 Mail rejected, please try again"],
  ["139", "RCPT", "554 Mailrejected, please try again."],
  [
    "Yahoo",
    "MAIL",
    "553 5.7.1 [TSS04] Messages from 203.0.113.9 not accepted: unexpected volume or complaints",
  ],
  ["Yahoo", "body", "554 5.7.1 [TS03] Messages from 203.0.113.9 are not accepted now"],
  ["Yahoo", "MAIL", "554 Max message per connection reached, closing transmission channel"],
  ["a throttle under class 5", "MAIL", "553 Mail from you is too frequent"],
  ["a throttle under class 5", "RCPT", "553 5.7.1 You are sending too many emails too fast."],
  ["a throttle under class 5", "RCPT", "550 5.7.1 exceeded the maximum message rate, slow down"],
  ["a throttle under class 5", "body", "554 5.7.1 Message deferred, please wait 5 minutes"],
  ["a throttle under class 5", "MAIL", "550 System is busy, please try later"],
  ["a throttle under class 5", "RCPT", "550 发送过快，请稍候再试"],
  ["a Chinese relay", "body", "550 发信过于频繁，请稍后再试"],
];

const final: readonly (readonly [string, string, string])[] = [
  ["QQ", "RCPT", "550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&no=20022"],
  ["QQ", "body", "550 Mail content denied"],
  ["QQ", "RCPT", "501 Bad address syntax"],
  ["163", "RCPT", "550 User not found: c@d.example"],
  ["163", "RCPT", "550 User suspended"],
  ["163", "body", "554 DT:SPM 163 smtp14"],
  ["Alibaba", "body", "554 Reject by content spam"],
  ["Alibaba", "RCPT", '553 "RCPT TO" mailbox unavailable'],
  ["Gmail", "RCPT", "550 5.1.1 The email account that you tried to reach does not exist. gsmtp"],
  ["Microsoft 365", "RCPT", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"],
  ["a full mailbox", "RCPT", "552 5.2.2 Mailbox quota exceeded"],
  [
    "Yahoo",
    "MAIL",
    "553 5.7.2 [TSS09] All messages from 203.0.113.9 will be permanently deferred; Retrying will NOT succeed.",
  ],
  ["Yahoo", "body", "554 Message not allowed - [PH01] Email not accepted for policy reasons."],
  ["Yahoo", "MAIL", "553 5.7.1 [BL21] Connections will not be accepted from 203.0.113.9"],
  ["Yahoo", "RCPT", "554 delivery error: dd This user doesn't have a yahoo.com account (c@d.example)"],
  ["Sohu", "body", "553 5.7.3 CONTENT REJCT"],
  [
    "Sohu",
    "RCPT",
    "550 5.1.1 <c@d.example>: Recipient address rejected: User unknown in local recipient table",
  ],
  ["Sina", "RCPT", "550 mailbox unavailable."],
  ["a loop", "body", "554 5.4.6 Too many hops"],
  ["a large mail", "body", "552 5.3.4 Message size exceeds fixed limit"],
  ["a recipient", "RCPT", "550 too many invalid recipients"],
  ["a relay", "RCPT", "554 5.7.1 Relay access denied"],
];

describe("a refusal for the moment is tried again", () => {
  test.each(later)("%s at %s: %s", async (_who, step, answer) => {
    expect(await refusedWith(step, answer)).toBeInstanceOf(MailFailure);
  });
});

describe("a refusal for good is not", () => {
  test.each(final)("%s at %s: %s", async (_who, step, answer) => {
    expect(await refusedWith(step, answer)).toBeInstanceOf(PermanentFailure);
  });
});

describe("a visitor who read that the code was sent", () => {
  let app: TestApp | null = null;
  afterEach(async () => {
    await app?.close();
    app = null;
  });

  test("gets it once QQ takes mail again, while the code lives", async () => {
    app = await startTestApp({ mailer: { ...mailer, close: async () => {} } });
    script.body = "550 Connection frequency limited";
    const before = server.accepted.length;
    expect((await app.anonymous({ url: "/verifications/email_codes/44@qq.com/" })).statusCode).toBe(200);
    await app.runJobs();
    app.clock.advance(60);
    await app.runJobs();
    expect(await app.app.jobs.counts()).toMatchObject({ waiting: 1, dead: 0 });
    delete script.body;
    app.clock.advance(60);
    await app.runJobs();
    expect(await app.app.jobs.counts()).toMatchObject({ waiting: 0, dead: 0 });
    expect(server.accepted.length).toBe(before + 1);
  });
});
