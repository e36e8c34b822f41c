import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, expect, test } from "vitest";
import { textOfMail } from "../../../test/support/mail-text.ts";
import { type Script, startScriptedSmtp } from "../../../test/support/scripted-smtp.ts";
import { PermanentFailure } from "../jobs/jobs.ts";
import { type Mailer, MailFailure } from "./mail.ts";
import { createSmtpMailer, type SmtpMailerOptions } from "./smtp-mailer.ts";

const message = {
  to: "li.si@example.com",
  subject: "【美多商城】注册验证码",
  text: "验证码 A7K9Q2",
  html: "<p>A7K9Q2</p>",
  messageId: "job-1",
};
const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/${name}`, import.meta.url), "utf8");
const certificate = { key: fixture("localhost-key.pem"), cert: fixture("localhost-cert.pem") };

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function mailerFor(url: string, options: Partial<SmtpMailerOptions> = {}): Mailer {
  const mailer = createSmtpMailer({
    url,
    from: "美多商城<shop@163.com>",
    stepTimeoutMillis: 2000,
    ...options,
  });
  closing.push(() => mailer.close());
  return mailer;
}

interface Received {
  raw: string;
  from: string;
  to: string[];
  secure: boolean;
  user: string | undefined;
}

async function startServer(options: SMTPServerOptions): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    ...certificate,
    disableReverseLookup: true,
    onAuth: ({ username, password }, session, done) =>
      password === "authorization-code" && session.secure
        ? done(null, { user: username })
        : done(Object.assign(new Error("Error: authentication failed"), { responseCode: 535 })),
    onData: (stream, session, done) => {
      text(stream).then((raw) => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          raw,
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user as string | undefined,
        });
        done();
      }, done);
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as { port: number }).port, received };
}

async function scripted(script: Script) {
  const server = await startScriptedSmtp(script);
  closing.push(server.close);
  return server;
}

test.each([
  ["STARTTLS", "smtp", false],
  ["TLS from the first byte", "smtps", true],
])("a mail is delivered after a log-in over %s", async (_, scheme, secure) => {
  const { port, received } = await startServer({ secure });
  const mailer = mailerFor(`${scheme}://shop%40163.com:authorization-code@127.0.0.1:${port}?tls=required`, {
    ca: certificate.cert,
  });
  await mailer.verify();
  await mailer.send(message);
  await mailer.send(message);
  expect(received).toHaveLength(2);
  const [first, second] = received as [Received, Received];
  expect(first).toMatchObject({ from: "shop@163.com", to: [message.to], secure: true, user: "shop@163.com" });
  expect(first.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(first.raw).toMatch(/^From: =\?UTF-8\?.*<shop@163\.com>\r$/m);
  expect(first.raw).toMatch(/^To: li\.si@example\.com\r$/m);
  expect(first.raw).toContain("Content-Type: text/plain; charset=utf-8");
  expect(first.raw).toContain("Content-Type: text/html; charset=utf-8");
  const id = /^Message-ID: (<[0-9a-f]{40}@163\.com>)\r$/im;
  expect(id.exec(first.raw)?.[1]).toBeTruthy();
  expect(id.exec(second.raw)?.[1]).toBe(id.exec(first.raw)?.[1]);
});

const subject = "验证码 A1B2C3：三分钟内有效，请勿转发给他人，也不要告诉自称客服的任何人";
const html = `<p>${"很长的一段话。".repeat(200)}</p>`;

/** What a mail server is given of such a message. */
async function rawOf(over: Partial<typeof message>): Promise<string> {
  const { port, received } = await startServer({ authOptional: true });
  await mailerFor(`smtp://127.0.0.1:${port}?tls=never`).send({ ...message, ...over });
  return received[0]!.raw;
}

test("a mail has both parts, whole, in lines that every server takes", async () => {
  const raw = await rawOf({ subject, html, text: "第一行\n第二行\r\n.\n结束" });
  for (const line of raw.split("\r\n")) {
    expect(line.length).toBeLessThanOrEqual(78);
    expect(line).toMatch(/^[\x20-\x7e]*$/);
  }
  expect(textOfMail(raw)).toBe("第一行\r\n第二行\r\n.\r\n结束");
  const boundary = /boundary="([^"]+)"/.exec(raw)![1]!;
  const [, , part = "", tail] = raw.split(`--${boundary}`);
  expect(Buffer.from(part.split("\r\n\r\n")[1]!, "base64").toString("utf8")).toBe(html);
  expect(tail).toMatch(/^--\s*$/);
});

test("a mail names sender, recipient, subject, id and date once each, and what kind of mail it is", async () => {
  const head = (await rawOf({ subject })).split("\r\n\r\n")[0]!.replaceAll(/\r\n\s+/g, " ");
  const of = (name: string) => head.split("\r\n").filter((line) => line.startsWith(`${name}: `));
  expect(of("From")).toEqual([expect.stringMatching(/^From: =\?UTF-8\?.*\?= <shop@163\.com>$/)]);
  expect(of("To")).toEqual(["To: li.si@example.com"]);
  expect(of("Message-ID")).toHaveLength(1);
  expect(of("Date")).toEqual([expect.stringMatching(/^Date: \w{3}, \d{1,2} \w{3} \d{4} [\d:]{8} \+0000$/)]);
  expect(of("MIME-Version")).toEqual(["MIME-Version: 1.0"]);
  expect(of("Auto-Submitted")).toEqual(["Auto-Submitted: auto-generated"]);
  expect(of("Subject")).toHaveLength(1);
  expect(of("Content-Type")).toEqual([expect.stringContaining("multipart/alternative;")]);
});

test("a mail keeps the local part of a Chinese address", async () => {
  expect(await rawOf({ to: "李四@example.com" })).toMatch(/^To: 李四@example\.com\r$/m);
});

test("a refused log-in may pass later, and shows no password", async () => {
  const { port, received } = await startServer({ secure: true });
  const mailer = mailerFor(`smtps://shop%40163.com:wrong-code@127.0.0.1:${port}`, { ca: certificate.cert });
  const error = await mailer.send(message).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MailFailure);
  expect((error as Error).message).toMatch(/EAUTH.*535/);
  expect(`${(error as Error).stack}`).not.toMatch(/wrong-code|shop@163/);
  await expect(mailer.verify()).rejects.toThrow(MailFailure);
  expect(received).toHaveLength(0);
});

test.each([
  ["strips the offer", "502 unknown command"],
  ["refuses it", "454 not now"],
])("no log-in is sent where somebody on the way to STARTTLS %s", async (_, answer) => {
  const server = await scripted({ STAR: answer });
  const mailer = mailerFor(`smtp://u:secret@127.0.0.1:${server.port}?tls=required`);
  await expect(mailer.send(message)).rejects.toThrow(MailFailure);
  expect(server.verbs).toContain("STAR");
  expect(server.verbs).not.toContain("AUTH");
  expect(server.verbs).not.toContain("MAIL");
});

test("a certificate nobody vouches for is refused", async () => {
  const { port, received } = await startServer({ secure: true });
  await expect(mailerFor(`smtps://u:authorization-code@127.0.0.1:${port}`).send(message)).rejects.toThrow(
    /self-signed/,
  );
  expect(received).toHaveLength(0);
});

test("4xx may pass: the next run of the job is accepted, on the same mailer", async () => {
  let runs = 0;
  const { port, received } = await startServer({
    authOptional: true,
    onRcptTo: (_address, _session, done) =>
      ++runs === 1 ? done(Object.assign(new Error("4.2.1 try later"), { responseCode: 450 })) : done(),
  });
  const mailer = mailerFor(`smtp://127.0.0.1:${port}?tls=never`);
  const error = await mailer.send(message).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MailFailure);
  expect(error).not.toBeInstanceOf(PermanentFailure);
  await mailer.send(message);
  expect(received).toHaveLength(1);
});

test("5xx to the message is permanent, with its code and without the address", async () => {
  const { port } = await startServer({
    authOptional: true,
    onRcptTo: ({ address }, _session, done) =>
      done(Object.assign(new Error(`5.1.1 <${address}> unknown`), { responseCode: 550 })),
  });
  const error = await mailerFor(`smtp://127.0.0.1:${port}?tls=never`)
    .send(message)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PermanentFailure);
  expect((error as Error).message).toContain("550 5.1.1 <l***@example.com> unknown");
  expect((error as Error).stack).not.toContain("li.si");
});

test("a server's error in GBK is readable", async () => {
  const gbk = Buffer.from("35353020d3cabcfeb5d8d6b7b2bbb4e6d4da", "hex"); // 550 邮件地址不存在
  const server = await scripted({ RCPT: gbk });
  await expect(mailerFor(`smtp://127.0.0.1:${server.port}`).send(message)).rejects.toThrow(
    "550 邮件地址不存在",
  );
});

test.each(["greeting", "EHLO", "MAIL", "RCPT", "DATA", "body"])(
  "a server that hangs at %s is given up after the time-out",
  async (step) => {
    const server = await scripted({ [step]: "hang" });
    const mailer = mailerFor(`smtp://127.0.0.1:${server.port}`, { stepTimeoutMillis: 200 });
    await expect(mailer.send(message)).rejects.toThrow(MailFailure);
    expect(server.accepted).toHaveLength(0);
  },
);

test.each(["greeting", "EHLO", "MAIL", "RCPT", "DATA", "body"])(
  "a connection dropped at %s may pass, and is not repeated behind the job's back",
  async (step) => {
    const server = await scripted({ [step]: "drop" });
    await expect(mailerFor(`smtp://127.0.0.1:${server.port}`).send(message)).rejects.toThrow(MailFailure);
    expect(server.connections()).toBe(1);
  },
);

test("a delivery ends with the worker's signal and with the total limit", async () => {
  const server = await scripted({ body: "hang" });
  const stopping = new AbortController();
  const sent = mailerFor(`smtp://127.0.0.1:${server.port}`, { stepTimeoutMillis: 60_000 }).send(
    message,
    stopping.signal,
  );
  stopping.abort();
  await expect(sent).rejects.toThrow(MailFailure);
  const bounded = mailerFor(`smtp://127.0.0.1:${server.port}`, {
    stepTimeoutMillis: 60_000,
    totalTimeoutMillis: 200,
  });
  await expect(bounded.send(message)).rejects.toThrow(MailFailure);
});

test("nobody listening may pass", async () => {
  const server = await startScriptedSmtp({});
  await server.close();
  await expect(mailerFor(`smtp://127.0.0.1:${server.port}`).send(message)).rejects.toThrow(MailFailure);
});

test("no command reaches the server for a message that tries to smuggle one in", async () => {
  const server = await scripted({});
  const mailer = mailerFor(`smtp://127.0.0.1:${server.port}`);
  for (const part of [
    { to: "a@b.c>\r\nRCPT TO:<victim@example.com" },
    { to: "a@b.c,victim@example.com" },
    { subject: "x\r\nBcc: victim@example.com" },
    { headers: { "X-A": "b\r\n\r\nbody" } },
  ])
    await expect(mailer.send({ ...message, ...part })).rejects.toThrow(PermanentFailure);
  expect(server.connections()).toBe(0);
  // A lone dot or CRLF in the body stays body.
  await mailer.send({ ...message, text: "a\r\n.\r\nMAIL FROM:<x@y.z>\r\n" });
  expect(server.accepted).toHaveLength(1);
});
