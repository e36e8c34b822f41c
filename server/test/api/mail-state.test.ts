import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PermanentFailure } from "../../src/engines/jobs/jobs.ts";
import { type Mailer, MailFailure, mailIdOf, type OutgoingMail } from "../../src/engines/mail/mail.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Answers each mail as the test says, with what a server might write around it. */
let answer: (mail: OutgoingMail) => string;
let log: string;
let test: TestApp;
let staff: Person;
const sent: OutgoingMail[] = [];
const mailer: Mailer = {
  async send(mail) {
    sent.push(mail);
    return { words: answer(mail), providerId: `provider-${sent.length}` };
  },
  verify: async () => {},
  close: async () => {},
};

beforeEach(async () => {
  log = "";
  sent.length = 0;
  answer = () => "250 queued as 1A2B";
  const logTo = {
    write(line: string) {
      log += line;
    },
  };
  test = await startTestApp({ mailer, logTo });
  staff = await makePerson(test, "staffuser", { is_staff: 1, permissions: ["mail.view_mail"] });
});
afterEach(() => test.close());

const ask = (email: string, type = "register") =>
  test.anonymous({ url: `/verifications/email_codes/${email}/?send_type=${type}` });
const mailsTo = async (query: string) => {
  const found = await test.as(staff.token)({ url: `/admin/mails/?${query}` });
  expect(found.statusCode, found.body).toBe(200);
  return found.json();
};

describe("what became of a mail", () => {
  it("is queued before a worker has it, then accepted with the server's words", async () => {
    await ask("44@qq.com");
    expect((await mailsTo("to=44@qq.com")).results).toMatchObject([
      { to: "44@qq.com", kind: "register", state: "queued", words: null, tries: 0 },
    ]);
    await test.runJobs();
    const { results } = await mailsTo("to=44@QQ.com");
    expect(results).toMatchObject([{ state: "accepted", words: "250 queued as 1A2B", tries: 1 }]);
    expect(results[0].message_id).toBe(mailIdOf(sent[0]!.messageId));
    expect(Object.keys(results[0]).sort()).toEqual(
      ["changed_at", "id", "job", "kind", "message_id", "queued_at", "state", "to", "tries", "words"].sort(),
    );
  });

  it("waits for another try with the reason, and is refused for good with the server's words", async () => {
    answer = () => {
      throw new MailFailure("421 come again");
    };
    await ask("44@qq.com");
    await test.runJobs();
    expect((await mailsTo("to=44@qq.com")).results).toMatchObject([
      { state: "queued", words: "421 come again", tries: 1 },
    ]);
    answer = () => {
      throw new PermanentFailure("550 no such mailbox");
    };
    test.clock.advance(10);
    await test.runJobs();
    expect((await mailsTo("to=44@qq.com&state=refused")).results).toMatchObject([
      { state: "refused", words: "550 no such mailbox", tries: 2 },
    ]);
    expect((await mailsTo("to=44@qq.com&state=accepted")).results).toEqual([]);
  });

  it("says what the mail turned out to be, and of a notice to an account that it waits", async () => {
    answer = () => "ok";
    const { token } = await signUp("python01", "44@qq.com");
    test.clock.advance(61);
    await ask("44@qq.com");
    await test.runJobs();
    expect((await mailsTo("to=44@qq.com")).results[0]).toMatchObject({ kind: "account_exists" });
    const password = "new-password-1";
    const payload = { current_password: "12345678aA", password, password2: password };
    const changed = await test.as(token)({ method: "PUT", url: "/user/password/", payload });
    expect(changed.statusCode, changed.body).toBe(200);
    const [notice] = (await mailsTo("to=44@qq.com")).results;
    expect(notice).toMatchObject({ kind: "password_changed", state: "queued", to: null });
    await test.runJobs();
    expect((await mailsTo("to=44@qq.com")).results[0]).toMatchObject({ id: notice.id, to: "44@qq.com" });
  });

  it("never has the code or an address of the server's words, however they are written; nor has the log", async () => {
    const spellings = [
      (code: string) => code,
      (code: string) => code.toLowerCase(),
      (code: string) => [...code].join(" "),
      (code: string) => [...code].join("-"),
    ];
    for (const [n, spell] of spellings.entries()) {
      const email = `person${n}@qq.com`;
      const say = ({ text, to }: OutgoingMail) => `554 spam: "${spell(codeIn(text))}" for <${to}>`;
      answer = say;
      await ask(email);
      await test.runJobs();
      answer = (mail) => {
        throw new PermanentFailure(say(mail));
      };
      await ask(`refused-${email}`);
      await test.runJobs();
      for (const to of [email, `refused-${email}`]) {
        const { results } = await mailsTo(`to=${to}`);
        expect(results[0].words).toBe(`554 spam: "…" for <${to[0]}***@qq.com>`);
      }
      for (const { text } of sent) expect(log).not.toContain(spell(codeIn(text)));
      const rows = JSON.stringify(await test.app.db.kysely.selectFrom("mails").selectAll().execute());
      for (const { text } of sent) expect(rows).not.toContain(codeIn(text));
    }
    expect(log).toContain("554 spam");
    expect(log).not.toMatch(/person\d@/);
  });

  it("is found by the whole address alone, a page at a time, newest first", async () => {
    for (const n of [1, 2, 3]) {
      await ask("44@qq.com");
      await ask(`4${n}4@qq.com`);
      test.clock.advance(61);
    }
    await test.runJobs();
    expect((await mailsTo("to=4")).results).toEqual([]);
    const first = await mailsTo("to=44@qq.com&limit=2");
    expect(first.results).toHaveLength(2);
    const second = await mailsTo(`to=44@qq.com&limit=2&before=${first.next}`);
    expect(second).toMatchObject({ results: [{ to: "44@qq.com" }], next: null });
    const ids = [...first.results, ...second.results].map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(log).not.toContain("44@qq.com");
  });

  it("of an account has what its number was sent, too, where there is no address as well", async () => {
    const { kysely } = test.app.db;
    const both = await makePerson(test, "bothnames", { email: "both@qq.com" });
    const numberOnly = await makePerson(test, "numberonly");
    const neither = await makePerson(test, "neithername");
    for (const [id, mobile] of [
      [both.id, "13912345678"],
      [numberOnly.id, "13812345678"],
    ] as const) {
      await kysely.updateTable("users").set({ mobile }).where("id", "=", id).execute();
      const now = test.clock.now();
      const row = {
        to_address: mobile,
        to_key: mobile,
        user_id: null,
        kind: "sms_signIn",
        state: "refused",
      } as const;
      await kysely
        .insertInto("mails")
        .values({ ...row, mail_id: `m${id}`, words: "no such number", created_at: now, updated_at: now })
        .execute();
    }
    await ask("both@qq.com", "resetpwd");
    await test.runJobs();
    const names = async (id: number) => {
      const { results } = await mailsTo(`user=${id}&masked=true`);
      // A notice that waits for an account without an address is to nobody yet.
      const to = results.flatMap((one: { to: string | null }) => one.to ?? []);
      return [...new Set(to)].sort();
    };
    expect(await names(both.id)).toEqual(["139****5678", "b***@qq.com"]);
    expect(await names(numberOnly.id)).toEqual(["138****5678"]);
    expect(await names(neither.id)).toEqual([]);
  });

  it("is forgotten after thirty days", async () => {
    await ask("44@qq.com");
    await test.runJobs();
    test.clock.advance(30 * 86_400 - 60);
    await test.app.maintenance.run();
    const token = await freshToken();
    const left = await test.as(token)({ url: "/admin/mails/?to=44@qq.com" });
    expect(left.json().results).toHaveLength(1);
    test.clock.advance(120);
    await test.app.maintenance.run();
    expect(await test.app.db.kysely.selectFrom("mails").selectAll().execute()).toEqual([]);
  });

  it("that can't be recorded holds no mail up, and is logged", async () => {
    await test.app.db.kysely.schema.dropTable("mails").execute();
    expect((await ask("44@qq.com")).statusCode).toBe(200);
    await test.runJobs();
    expect(sent).toHaveLength(1);
    expect(log).toContain("a queued mail was not recorded");
    expect(log).toContain("what became of a mail was not recorded");
  });
});

const codeIn = (text: string) => /\b[2-9A-HJKMNP-Z]{6}\b/.exec(text)![0];

async function signUp(username: string, email: string): Promise<{ token: string }> {
  await ask(email);
  await test.runJobs();
  const password = "12345678aA";
  const payload = {
    ...{ username, email, password, password2: password, allow: "true" },
    email_code: codeIn(sent.at(-1)!.text),
  };
  const made = await test.anonymous({ method: "POST", url: "/users/", payload });
  expect(made.statusCode, made.body).toBe(201);
  return made.json();
}

async function freshToken(): Promise<string> {
  const payload = { username: "staffuser", password: "12345678aA" };
  const url = "/users/authorizations/";
  return (await test.anonymous({ method: "POST", url, payload })).json().token;
}
