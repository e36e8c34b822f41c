import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defaultBrand } from "../server/src/brand/brand.ts";
import type { Database } from "../server/src/engines/database/database.ts";
import { migrate } from "../server/src/engines/database/migrate.ts";
import { openSqlite } from "../server/src/engines/database/sqlite.ts";
import { createMailboxMailer } from "../server/src/engines/mail/mailbox-mailer.ts";
import { createMailRenderer } from "../server/src/engines/mail/templates/render-mail.ts";
import { createMailboxSms } from "../server/src/engines/sms/mailbox-sms.ts";
import { createSendError } from "../server/src/http/error-renderer.ts";
import { ourWords } from "../server/src/words/words.ts";
import { type MailboxMessage, mailboxRoutes } from "./mailbox.ts";

const renderMail = createMailRenderer({ brand: defaultBrand });
const clock = { now: () => Date.UTC(2026, 10, 22, 12, 0, 0) };
let db: Database;
let api: FastifyInstance;

beforeEach(async () => {
  db = openSqlite(":memory:");
  await migrate(db, clock);
  api = Fastify();
  api.setErrorHandler(createSendError(ourWords));
  mailboxRoutes(api, { db, isOpen: false, brand: defaultBrand });
  const mailer = createMailboxMailer({ db, clock });
  const send = (to: string, messageId: string, mail: { subject: string; text: string; html: string }) =>
    mailer.send({ to, messageId, ...mail });
  await send("li@example.com", "1", renderMail("register", "zh", { code: "A7K9Q2", expiresInSeconds: 180 }));
  await send("Wang_1@example.com", "2", renderMail("account_exists", "en", { siteUrl: "http://a.example" }));
  await send("li@example.com", "3", renderMail("resetpwd", "en", { code: "BCDE23", expiresInSeconds: 180 }));
});

afterEach(async () => {
  await api.close();
  await db.close();
});

async function list(query: string): Promise<MailboxMessage[]> {
  const response = await api.inject(`/sandbox/mailbox/messages/${query}`);
  expect(response.statusCode).toBe(200);
  return response.json();
}

test("lists an address's mails, newest first, with their codes", async () => {
  const found = await list("?to=LI@example.com");
  expect(found.map(({ id, code }) => [id, code])).toEqual([
    [3, "BCDE23"],
    [1, "A7K9Q2"],
  ]);
  const keys = ["id", "to", "subject", "text", "html", "created_at", "code", "channel"];
  expect(Object.keys(found[0] ?? {})).toEqual(keys);
  expect(found[1]).toMatchObject({ to: "li@example.com", created_at: "2026-11-22T12:00:00.000Z" });
  expect(await list("?to=l@example.com")).toEqual([]);
});

test("lists a number's SMS, with their codes", async () => {
  const sms = createMailboxSms({ db, clock });
  const text = "【美多】012345 是您绑定手机号的验证码，5 分钟内有效。";
  const message = { to: "13800138000", purpose: "changeMobile", code: "012345", minutes: 5, text };
  for (const messageId of ["4", "4"]) await sms.send({ ...message, messageId });
  const found = await list("?to=13800138000");
  expect(found).toMatchObject([
    { ...{ to: "13800138000", text, code: "012345" }, subject: "", channel: "sms" },
  ]);
  expect((await list("?search=8001")).map(({ channel }) => channel)).toEqual(["sms"]);
  expect((await list("?to=li@example.com")).map(({ channel }) => channel)).toEqual(["mail", "mail"]);
});

test("a notice has no code", async () => {
  expect((await list("?to=wang_1@example.com")).map(({ code }) => code)).toEqual([null]);
});

test.each([
  ["?search=wang", [2]],
  ["?search=_1", [2]],
  ["?search=%25", []],
  ["?search=example.com", [3, 2, 1]],
  ["?after=1", [3, 2]],
  ["?limit=1", [3]],
  ["", [3, 2, 1]],
])("%s", async (query, ids) => expect((await list(query)).map(({ id }) => id)).toEqual(ids));

test("the page allows no foreign resource and shows mails in a frame without rights", async () => {
  const page = await api.inject("/sandbox/mailbox/");
  expect(page.headers["content-type"]).toContain("text/html");
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(page.body).not.toMatch(/https?:/);
  expect(/<iframe[^>]*sandbox="([^"]*)"/.exec(page.body)?.[1]).not.toMatch(
    /allow-scripts|allow-same-origin|allow-forms/,
  );
  for (const [file, type] of [
    ["page.js", "text/javascript"],
    ["page.css", "text/css"],
  ] as const) {
    const response = await api.inject(`/sandbox/mailbox/${file}`);
    expect(response.headers["content-type"]).toContain(type);
    expect(response.body).not.toMatch(/https?:|innerHTML/);
  }
});

test.each([
  ["of this machine", "127.0.0.1", {}, 200],
  ["of this machine by IPv6", "::1", {}, 200],
  ["of another", "192.168.1.9", {}, 403],
  // Behind a proxy or a tunnel on this machine.
  ["of another, brought by a proxy here", "127.0.0.1", { "x-forwarded-for": "203.0.113.7" }, 403],
  ["of another, brought by a proxy that says Forwarded", "::1", { forwarded: "for=203.0.113.7" }, 403],
] as const)("answers a visitor %s", async (_, remoteAddress, headers, status) => {
  const visitor = { remoteAddress, headers: { host: "localhost", ...headers } };
  for (const url of ["/sandbox/mailbox/", "/sandbox/mailbox/page.js", "/sandbox/mailbox/messages/"]) {
    const answer = await api.inject({ url, ...visitor });
    expect([url, answer.statusCode]).toEqual([url, status]);
    if (status === 403) {
      expect(answer.json().message).toContain("MAILBOX_OPEN=true");
      expect(answer.body).not.toContain("A7K9Q2");
    }
  }
  const open = Fastify();
  mailboxRoutes(open, { db, isOpen: true, brand: defaultBrand });
  const answer = await open.inject({ url: "/sandbox/mailbox/messages/", ...visitor });
  expect(answer.statusCode).toBe(200);
  await open.close();
});

test("the page names its files and messages beside itself, for an API that is below a path", async () => {
  const page = await api.inject("/sandbox/mailbox/");
  expect(page.statusCode).toBe(200);
  expect([...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => link)).toEqual([
    "page.css",
    "page.js",
  ]);
  for (const file of ["page.css", "page.js"]) {
    expect((await api.inject(`/sandbox/mailbox/${file}`)).statusCode).toBe(200);
  }
});
