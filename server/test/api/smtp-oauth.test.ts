import { generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { afterEach, expect, it } from "vitest";
import { MailFailure } from "../../src/engines/mail/mail.ts";
import { createMailboxTokens } from "../../src/engines/mail/mailbox-tokens.ts";
import { openMailer } from "../../src/engines/mail/open-mailer.ts";
import { readTokenGrant } from "../../src/engines/mail/token-grant.ts";
import { outgoingHttp } from "../../src/engines/outgoing-http.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { imitatedService, type ServiceReply } from "../support/imitated-service.ts";

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

const token = (value: string, expires_in = 3600): ServiceReply => [
  200,
  JSON.stringify({ access_token: value, expires_in, token_type: "Bearer" }),
];

async function tokensOf(
  reply: () => ServiceReply,
  parameters: Record<string, string>,
  timeoutMillis = 20_000,
) {
  const service = await imitatedService(reply);
  const http = outgoingHttp({ http: "", https: "", except: "" });
  closing.push(service.close, http.close);
  const token_url = `http://${service.host}/token`;
  const grant = readTokenGrant(new Map(Object.entries({ ...parameters, token_url })))!;
  const clock = fakeClock(Date.now());
  const tokens = createMailboxTokens({ user: "me@x.com", grant, http, clock, timeoutMillis });
  return { service, clock, tokens };
}
const google = { oauth: "google", client_id: "id", client_secret: "s+1", refresh_token: "1//r" };
const microsoft = { oauth: "microsoft", tenant: "t1", client_id: "id", client_secret: "s+1" };

it("a token is fetched once however many ask, kept till shortly before its end, and renewed when refused", async () => {
  let count = 0;
  const { service, clock, tokens } = await tokensOf(() => token(`t${++count}`), google);
  expect(await Promise.all([1, 2, 3].map(() => tokens.get(false)))).toEqual(["t1", "t1", "t1"]);
  expect(Object.fromEntries(new URLSearchParams(service.received[0]!.body))).toEqual({
    ...{ grant_type: "refresh_token", refresh_token: "1//r", client_id: "id", client_secret: "s+1" },
  });
  clock.advance(3400);
  expect(await tokens.get(false)).toBe("t1");
  clock.advance(100);
  expect(await tokens.get(false)).toBe("t2");
  // One that was refused at once is not asked for again with every mail.
  expect(await tokens.get(true)).toBe("t2");
  clock.advance(6);
  expect(await tokens.get(true)).toBe("t3");
});

it("Microsoft's is of client credentials for its mail servers", async () => {
  const { service, tokens } = await tokensOf(() => token("t1"), microsoft);
  await tokens.get(false);
  expect(Object.fromEntries(new URLSearchParams(service.received[0]!.body))).toEqual({
    ...{ grant_type: "client_credentials", scope: "https://outlook.office365.com/.default" },
    ...{ client_id: "id", client_secret: "s+1" },
  });
  const usual = readTokenGrant(new Map(Object.entries(microsoft)));
  expect(usual?.tokenUrl).toBe("https://login.microsoftonline.com/t1/oauth2/v2.0/token");
});

it("a service account's is asked for with a signed assertion for the mailbox", async () => {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-key-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key_file = join(folder, "key.json");
  const private_key = privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(key_file, JSON.stringify({ client_email: "robot@p.iam", private_key }));
  const { service, tokens } = await tokensOf(() => token("t1"), { oauth: "google-service", key_file });
  expect(await tokens.get(false)).toBe("t1");
  const form = new URLSearchParams(service.received[0]!.body);
  expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
  const [head, claims, signature] = form.get("assertion")!.split(".") as [string, string, string];
  expect(
    verify("sha256", Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, "base64url")),
  ).toBe(true);
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
    ...{ iss: "robot@p.iam", sub: "me@x.com", scope: "https://mail.google.com/" },
    aud: `http://${service.host}/token`,
  });
});

it("whoever gives out no token is a failure that may pass, without a secret, and no time is lost", async () => {
  const refusal = JSON.stringify({ error: "invalid_client", error_description: "s+1 is wrong" });
  for (const reply of [[401, refusal], [200, "{}"], [500, ""], "silence", "broken"] as const) {
    const { tokens } = await tokensOf(() => reply, microsoft, 500);
    const error = await tokens.get(false).catch((one: Error) => one);
    expect(error).toBeInstanceOf(MailFailure);
    expect(String(error)).not.toContain("s+1");
  }
});

it("logs in to the mail server by the token, which is in no error where it is refused", async () => {
  const service = await imitatedService(() => token("t1"));
  const seen: string[] = [];
  let isRefused = false;
  const server = new SMTPServer({
    authMethods: ["XOAUTH2"],
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    onAuth({ username, accessToken }, _session, done) {
      seen.push(`${username} ${accessToken}`);
      // As Google and Microsoft: a challenge that says why, then 535.
      if (isRefused) return done(null, { data: { status: "401", schemes: "bearer" } });
      done(null, { user: username });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as { port: number };
  const query = `oauth=google&client_id=i&client_secret=s&refresh_token=r&token_url=http://${service.host}/token`;
  const mailer = await openMailer({
    ...{ url: `smtp://me@x.com@127.0.0.1:${port}?${query}`, from: "me@x.com", maxConnections: 1 },
    ...{ clock: systemClock, http: outgoingHttp({ http: "", https: "", except: "" }), timeoutMillis: 20_000 },
  });
  closing.push(service.close, () => new Promise<void>((resolve) => server.close(() => resolve())));
  closing.push(mailer.close);
  const mail = { to: "a@qq.com", subject: "s", text: "t", html: "h", messageId: "job-1" };
  expect(await mailer.send(mail)).toEqual({ words: expect.stringMatching(/^250/) });
  expect(seen).toEqual(["me@x.com t1"]);
  isRefused = true;
  await expect(mailer.verify()).rejects.toSatisfy(
    (error) => error instanceof MailFailure && !error.message.includes("t1"),
  );
});
