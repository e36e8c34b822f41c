import { afterAll, beforeAll, expect, it } from "vitest";
import { MailFailure } from "../../src/engines/mail/mail.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Mails as staff look at them and try them. */
let site: TestApp;
let root: Person;
let refusal: Error | null = null;
const sent: { to: string; subject: string }[] = [];

beforeAll(async () => {
  site = await startTestApp({
    mailer: {
      async send({ to, subject }) {
        if (refusal !== null) throw refusal;
        sent.push({ to, subject });
      },
      verify: async () => {},
      close: async () => {},
    },
  });
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
afterAll(() => site.close());

const post = (url: string, payload: object) => site.as(root.token)({ method: "POST", url, payload });

it("shows every kind in every language, once, in a frame in which nothing runs", async () => {
  const list = await site.as(root.token)({ url: "/admin/mails/templates/" });
  const { templates, languages } = list.json() as { templates: string[]; languages: string[] };
  expect(languages.length).toBeGreaterThan(1);
  for (const template of templates) {
    for (const language of languages) {
      const answer = await post("/admin/mails/preview/", { template, language });
      expect(answer.statusCode, `${template} ${language} ${answer.body}`).toBe(200);
      expect(answer.json().subject.length).toBeGreaterThan(3);
    }
  }
  const { page } = (await post("/admin/mails/preview/", { template: "register", language: "en" })).json();
  const seen = await site.anonymous({ url: page });
  expect(seen.statusCode).toBe(200);
  expect(seen.headers["content-type"]).toContain("text/html");
  const policy = String(seen.headers["content-security-policy"]);
  expect(policy).toMatch(/^sandbox; default-src 'none'/);
  expect(policy).not.toMatch(/script|allow-/);
  expect((await site.anonymous({ url: page })).statusCode).toBe(404);
});

it("forgets a look that nobody took", async () => {
  const { page } = (await post("/admin/mails/preview/", { template: "register", language: "en" })).json();
  site.clock.advance(61);
  expect((await site.anonymous({ url: page })).statusCode).toBe(404);
});

it("sends one to try and writes down that it did, without the address; and says why one did not go", async () => {
  const wish = { template: "register", language: "en", to: "Try.Me@Example.com" };
  const answer = await post("/admin/mails/test/", wish);
  expect(answer.statusCode, answer.body).toBe(200);
  expect(sent).toEqual([expect.objectContaining({ subject: answer.json().subject })]);
  expect(sent[0]!.to.toLowerCase()).toBe("try.me@example.com");
  const [entry] = (await site.app.audit.list({ limit: 1 })).entries;
  expect(entry).toMatchObject({ action: "system.mail-test", target: "register" });
  expect(JSON.stringify(entry)).not.toContain("ry.Me@");
  refusal = new MailFailure("the server is away");
  const failed = await post("/admin/mails/test/", wish);
  expect(failed.statusCode).toBe(400);
  expect(failed.json().message).toContain("the server is away");
});

it("says what is wrong with a language and an address", async () => {
  const odd = await post("/admin/mails/preview/", { template: "register", language: "tlh" });
  expect(odd.statusCode).toBe(400);
  expect(odd.json()).toHaveProperty("language");
  const none = await post("/admin/mails/test/", { template: "register", language: "en", to: "nobody" });
  expect(none.json()).toHaveProperty("to");
});
