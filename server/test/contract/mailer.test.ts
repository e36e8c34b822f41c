import { createHmac } from "node:crypto";
import { Resend } from "resend";
import { afterEach, describe, expect, it, test } from "vitest";
import { PermanentFailure } from "../../src/engines/jobs/jobs.ts";
import { acs3Authorization } from "../../src/engines/mail/acs3-signature.ts";
import { KeyRefused, type Mailer, MailFailure, mailIdOf } from "../../src/engines/mail/mail.ts";
import { openMailer } from "../../src/engines/mail/open-mailer.ts";
import { outgoingHttp } from "../../src/engines/outgoing-http.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { imitatedService, type Received, type ServiceReply } from "../support/imitated-service.ts";

/**
 * What every sender by HTTP promises: taken is taken, a repeat is recognised, refusals are told apart by table, and no
 * error has an address or a secret. SMTP's own: smtp-mailer.test.ts, smtp-refusals.test.ts.
 */
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const mail = {
  ...{ to: "zhangsan@qq.com", subject: "【美多商城】验证码", text: "正文 A7K9Q2", html: "<p>正文</p>" },
  ...{ messageId: "job-1", kind: "register", code: "A7K9Q2" },
};
const says = (status: number, body: object): ServiceReply => [status, JSON.stringify(body)];
const resend = (status: number, name: string, message = "to zhangsan@qq.com") =>
  says(status, { statusCode: status, name, message });
const aliyun = (status: number, Code: string) => says(status, { Code, Message: "for zhangsan@qq.com" });

const services = {
  hook: {
    url: (host: string) => `hook+http://${secret}@${host}/send`,
    taken: says(200, { id: "given-1" }),
    words: /^127\.0\.0\.1:\d+ 200$/,
    providerId: "given-1",
    later: [says(401, {}), says(404, {}), says(429, {}), says(302, {}), says(500, {}), says(503, {})],
    never: [says(400, { code: "bad_address" }), says(422, { message: "for zhangsan@qq.com" }), says(410, {})],
  },
  resend: {
    url: (host: string) => `resend+http://re_secret@${host}/`,
    taken: says(200, { id: "given-1" }),
    words: /^127\.0\.0\.1:\d+ 200 given-1$/,
    providerId: "given-1",
    later: [
      ...[resend(401, "missing_api_key"), resend(401, "validation_error", "API key is invalid")],
      ...[resend(400, "validation_error", "API key is invalid"), resend(403, "invalid_api_key")],
      ...[resend(403, "validation_error", "The domain is not verified"), resend(422, "invalid_from_address")],
      ...[resend(409, "concurrent_idempotent_requests"), resend(429, "rate_limit_exceeded")],
      ...[resend(429, "daily_quota_exceeded"), resend(451, "security_error")],
      ...[resend(500, "application_error"), says(200, {}), [200, "<html>"] as const],
    ],
    never: [
      resend(422, "validation_error"),
      resend(422, "missing_required_field"),
      resend(400, "validation_error"),
    ],
  },
  directmail: {
    url: (host: string) => `directmail+http://LTAI1:secret_test@${host}`,
    taken: says(200, { EnvId: "given-1", RequestId: "r" }),
    words: /^127\.0\.0\.1:\d+ 200 given-1$/,
    providerId: "given-1",
    later: [
      ...[aliyun(400, "SignatureDoesNotMatch"), aliyun(404, "InvalidAccessKeyId.NotFound")],
      ...[aliyun(404, "InvalidMailAddress.NotFound"), aliyun(400, "InvalidMailAddressStatus.Malformed")],
      ...[aliyun(400, "InvalidSendMail.Spam"), aliyun(400, "Throttling.User"), aliyun(403, "Forbidden.RAM")],
      ...[
        aliyun(500, "InternalError"),
        aliyun(200, "Throttling"),
        says(200, {}),
        [502, "bad gateway"] as const,
      ],
    ],
    never: [
      aliyun(400, "InvalidToAddress"),
      aliyun(400, "InvalidToAddress.Spam"),
      aliyun(400, "InvalidBody"),
    ],
  },
} as const;

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

async function open(name: keyof typeof services, reply: () => ServiceReply, timeoutMillis = 20_000) {
  const service = await imitatedService(reply);
  const mailer: Mailer = await openMailer({
    ...{ url: services[name].url(service.host), from: '美多 "商城" <no-reply@meiduo.example>' },
    ...{
      maxConnections: 1,
      clock: systemClock,
      http: outgoingHttp({ http: "", https: "", except: "" }),
      timeoutMillis,
    },
  });
  closing.push(service.close, mailer.close);
  return { mailer, service };
}

/** Whether a request would send a mail. */
const sends = ({ method, path, headers }: Received) =>
  headers["x-acs-action"] === undefined
    ? !(method === "GET" && path === "/domains")
    : headers["x-acs-action"] !== "DescAccountSummary";

const failureOf = (sending: Promise<unknown>) =>
  sending.then(
    () => null,
    (error: Error) => error,
  );

describe.each(Object.keys(services) as (keyof typeof services)[])("mails by %s", (name) => {
  const { taken, words, providerId, later, never } = services[name];

  it("are taken with the service's words and id, and each try is the same request's repeat", async () => {
    const { mailer, service } = await open(name, () => taken);
    for (const _ of [1, 2]) {
      const receipt = await mailer.send(mail);
      expect(receipt).toEqual({ words: expect.stringMatching(words), providerId });
    }
    expect(service.received).toHaveLength(2);
    expect(service.received.every(({ method }) => method === "POST")).toBe(true);
  });

  test.each(later.map((reply, n) => [n, reply] as const))(
    "may be tried again after answer %i",
    async (_, reply) => {
      const { mailer } = await open(name, () => reply);
      const error = await failureOf(mailer.send(mail));
      expect(error).toBeInstanceOf(MailFailure);
      expect(error!.message).not.toMatch(/zhangsan@|secret|re_secret|whsec/);
    },
  );

  test.each(never.map((reply, n) => [n, reply] as const))(
    "are refused for good by answer %i",
    async (_, reply) => {
      const { mailer } = await open(name, () => reply);
      const error = await failureOf(mailer.send(mail));
      expect(error).toBeInstanceOf(PermanentFailure);
      expect(error!.message).not.toMatch(/zhangsan@|secret|whsec/);
    },
  );

  it("may be tried again where there is no whole answer", async () => {
    for (const reply of ["silence", "broken", [200, "x".repeat(70_000)]] as const) {
      const { mailer } = await open(name, () => reply, 300);
      expect(await failureOf(mailer.send(mail))).toBeInstanceOf(MailFailure);
    }
  });

  it("never go to two people, and end when the worker stops", async () => {
    const { mailer, service } = await open(name, () => "silence");
    const two = { ...mail, to: "a@qq.com,b@qq.com" };
    expect(await failureOf(mailer.send(two))).toBeInstanceOf(PermanentFailure);
    expect(service.received).toEqual([]);
    const stop = new AbortController();
    const sending = failureOf(mailer.send(mail, stop.signal));
    stop.abort();
    expect(await sending).toBeInstanceOf(MailFailure);
  });

  it("can be asked whether anybody is there, without sending", async () => {
    const { mailer, service } = await open(name, () => taken);
    await mailer.verify();
    expect(service.received.map(sends)).toEqual(name === "hook" ? [] : [false]);
    await service.close();
    await expect(mailer.verify()).rejects.toBeInstanceOf(MailFailure);
  });
});

describe.each(["resend", "directmail"] as const)("the key of %s", (name) => {
  const asked = {
    resend: [
      ["is taken", says(200, { data: [] }), true],
      [
        "may only send",
        resend(401, "restricted_api_key", "This API key is restricted to only send emails"),
        true,
      ],
      ["is wrong", resend(401, "validation_error", "API key is invalid"), "refused"],
      ["is wrong in another way", resend(400, "validation_error", "API key is invalid"), "refused"],
      ["is missing", resend(401, "missing_api_key"), "refused"],
      ["can't be asked about", [404, "<html>"] as const, false],
      ["can't be asked about now", says(503, {}), false],
    ],
    directmail: [
      ["is taken", says(200, { UserStatus: 0 }), true],
      ["may only send", aliyun(403, "Forbidden.RAM"), true],
      ["is unknown", aliyun(404, "InvalidAccessKeyId.NotFound"), "refused"],
      ["was switched off", aliyun(400, "InvalidAccessKeyId.Inactive"), "refused"],
      ["has another secret", aliyun(400, "SignatureDoesNotMatch"), "refused"],
      ["can't be asked about now", aliyun(503, "ServiceUnavailable"), false],
    ],
  } satisfies Record<string, readonly (readonly [string, ServiceReply, boolean | "refused"])[]>;

  it.each(asked[name].map(([what, reply, outcome]) => ({ what, reply, outcome })))(
    "$what: nothing is sent to find out",
    async ({ reply, outcome }) => {
      const { mailer, service } = await open(name, () => reply);
      const found = await mailer.verify().catch((error: Error) => error);
      expect(service.received.map(sends)).toEqual([false]);
      if (outcome !== "refused") return expect(found).toEqual({ isKeyTried: outcome });
      expect(found).toBeInstanceOf(KeyRefused);
      expect((found as Error).message).not.toMatch(/zhangsan@|secret/);
    },
  );
});

it("the hook's request is a Standard Webhook, and has all that a mail is", async () => {
  const { mailer, service } = await open("hook", () => says(204, {}));
  await mailer.send(mail);
  const [{ headers, body, path }] = service.received as [(typeof service.received)[0]];
  const [id, time] = [headers["webhook-id"], headers["webhook-timestamp"]];
  const key = Buffer.from(secret.slice(6), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64");
  expect([path, id, headers["webhook-signature"]]).toEqual([
    ...["/send", `mail_${mailIdOf("job-1")}`, `v1,${signature}`],
  ]);
  const { to, subject, text, html, kind } = mail;
  expect(JSON.parse(body)).toMatchObject({
    type: "mail.send",
    data: {
      ...{ to, subject, text, html, kind },
      from: { name: '美多 "商城"', address: "no-reply@meiduo.example" },
    },
  });
});

it("Resend's request has the key, one recipient and an idempotency key; a known key is a mail that was taken", async () => {
  let reply: ServiceReply = says(200, { id: "given-1" });
  const { mailer, service } = await open("resend", () => reply);
  await mailer.send(mail);
  const [{ headers, body, path }] = service.received as [(typeof service.received)[0]];
  expect([path, headers.authorization, headers["idempotency-key"]]).toEqual([
    ...["/emails", "Bearer re_secret", mailIdOf("job-1")],
  ]);
  expect(JSON.parse(body)).toMatchObject({
    from: '"美多 \\"商城\\"" <no-reply@meiduo.example>',
    to: ["zhangsan@qq.com"],
    headers: { "Message-ID": `<${mailIdOf("job-1")}@meiduo.example>`, "Auto-Submitted": "auto-generated" },
  });
  reply = resend(409, "invalid_idempotent_request");
  await expect(mailer.send(mail)).resolves.toMatchObject({ words: expect.stringContaining("409") });
});

it("Resend's own SDK asks the same for the same mail: address, headers and body", async () => {
  const { mailer, service } = await open("resend", () => says(200, { id: "given-1" }));
  await mailer.send(mail);
  const [ours] = service.received as [Received];
  const theirs = await imitatedService(() => says(200, { id: "given-1" }));
  closing.push(theirs.close);
  const sdk = new Resend("re_secret", { baseUrl: `http://${theirs.host}` });
  const { from, to, subject, text, html, headers } = JSON.parse(ours.body);
  const idempotencyKey = mailIdOf(mail.messageId);
  const sent = await sdk.emails.send({ from, to, subject, text, html, headers }, { idempotencyKey });
  expect(sent.data).toEqual({ id: "given-1" });
  const [their] = theirs.received as [Received];
  const asked = ({ method, path, headers: all, body }: Received) => ({
    ...{ method, path, body: JSON.parse(body) },
    headers: ["authorization", "content-type", "idempotency-key"].map((name) => all[name]),
  });
  expect(asked(ours)).toEqual(asked(their));
  await sdk.domains.list();
  await mailer.verify();
  const lists = [service.received[1]!, theirs.received[1]!].map(({ method, path, headers: all }) => ({
    ...{ method, path, authorization: all.authorization },
  }));
  expect(lists[0]).toEqual(lists[1]);
});

it("DirectMail's request is signed over its form, with a short alias and no tracking", async () => {
  const { mailer, service } = await open("directmail", () => says(200, { EnvId: "given-1" }));
  await mailer.send(mail);
  const [{ headers, body }] = service.received as [(typeof service.received)[0]];
  const form = Object.fromEntries(new URLSearchParams(body));
  expect(form).toMatchObject({
    ...{ AccountName: "no-reply@meiduo.example", AddressType: "1", ReplyToAddress: "false", ClickTrace: "0" },
    ...{ FromAlias: '美多 "商城"', ToAddress: mail.to, Subject: mail.subject, TextBody: mail.text },
  });
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "")![1]!.split(";");
  const signed = Object.fromEntries(
    names.filter((name) => name !== "host").map((name) => [name, String(headers[name])]),
  );
  expect(signed["x-acs-action"]).toBe("SingleSendMail");
  const key = { id: "LTAI1", secret: "secret_test" };
  expect(headers.authorization).toBe(acs3Authorization(key, { host: service.host, body, headers: signed }));
});
