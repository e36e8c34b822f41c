import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PermanentFailure } from "../../src/engines/jobs/jobs.ts";
import type { Mailer } from "../../src/engines/mail/mail.ts";
import { makePerson, type Person } from "../support/people.ts";
import { siteCommands } from "../support/site-commands.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** `manage mail` and `manage sms`: what the console's page of mails and SMS shows. */
let site: TestApp;
let root: Person;
beforeAll(async () => {
  const mailer: Mailer = {
    async send(mail) {
      if (mail.to.startsWith("full")) throw new PermanentFailure("552 mailbox of <full@example.com> is full");
      site.mailbox.push(mail);
    },
    verify: async () => {},
    close: async () => {},
  };
  site = await startTestApp({ mailer, env: { SIGN_UP_BY: "email,mobile" } });
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
  for (const to of ["one@example.com", "two@example.com", "three@example.com"]) await site.codeFor(to);
  await site.anonymous({ url: "/verifications/email_codes/full@example.com/" });
  await site.runJobs();
  await site.smsCodeFor("13800138000", undefined, "register");
});
afterAll(() => site.close());
const { run, json, entriesBy } = siteCommands(() => site);
const idsOf = ({ results }: { results: { id: number }[] }) => results.map(({ id }) => id);

describe("manage mail list and sms list", () => {
  it("have what the console's page is answered, each its own", async () => {
    const shown = (await site.as(root.token)({ url: "/admin/mails/?limit=100" })).json().results;
    const [mails, sms] = [await json("mail list"), await json("sms list")];
    expect([...sms.results, ...mails.results].sort((one, other) => other.id - one.id)).toEqual(shown);
    expect(sms.results).toMatchObject([{ to: "13800138000", kind: "sms_register", state: "accepted" }]);
    expect(mails.results.length).toBeGreaterThan(3);
  });

  it("narrow by address, account and state, and say nothing of an address whole", async () => {
    expect((await json("mail list --to Two@example.com")).results).toMatchObject([{ to: "two@example.com" }]);
    expect((await json("mail list --state refused")).results).toMatchObject([{ to: "full@example.com" }]);
    expect((await json("sms list --to 13800138000 --state accepted")).results).toHaveLength(1);
    await makePerson(site, "owner001", { email: "three@example.com" });
    // With the notice of the log-in, which waits and has no address yet.
    expect((await json("mail list --account owner001")).results).toMatchObject([
      { to: null, kind: "new_device", state: "queued" },
      { to: "three@example.com", kind: "register" },
    ]);
    expect((await json("sms list --account owner001")).results).toEqual([]);
    const { out } = await run("mail list");
    expect(out).toMatch(/refused {2}f\*\*\*@example\.com {2}552/);
    expect(out).not.toContain("two@example.com");
    expect((await run("sms list")).out).toContain("138****8000");
    expect((await run("mail list --state bounced")).out).toBe("None fits.\n");
  });

  it("go on where a page ended, past those of the other kind", async () => {
    const all = idsOf(await json("mail list"));
    const pages: number[][] = [];
    for (let next: number | null | undefined; next !== null && pages.length < 9; ) {
      const page = await json(`mail list --limit 3${next === undefined ? "" : ` --before ${next}`}`);
      pages.push(idsOf(page));
      next = page.next;
    }
    expect(pages.map(({ length }) => length)).toEqual([3, all.length - 3]);
    expect(pages.flat()).toEqual(all);
    expect((await json("sms list --limit 1")).next).toBeNull();
  });

  it.each([
    ["mail list --limit 0", 2, /--limit/],
    ["sms list --before nowhere", 2, /--before/],
    ["mail list --state lost", 2, /--state/],
    ["mail list --account nobody-here", 1, /no account nobody-here/],
  ])("say of %s what is wrong", async (line, code, words) => {
    const said = await run(line);
    expect([said.code, said.notes]).toEqual([code, expect.stringMatching(words)]);
  });
});

describe("manage mail test and sms test", () => {
  it("are in the audit log before they go, without the address, as from the console", async () => {
    expect((await run("mail test try@example.com --template resetpwd")).code).toBe(0);
    expect((await run("sms test 13900139000")).code).toBe(0);
    const entries = await entriesBy(2);
    expect(entries.map(({ action, target }) => [action, target])).toEqual([
      ["system.mail-test", "resetpwd"],
      ["system.sms-test", "register"],
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/try@|13900139000/);
  });
});

describe("manage mail template and sms template", () => {
  it("show one as the console does, with values of nobody, and send nothing", async () => {
    const sent = site.mailbox.length + site.smsBox.length;
    const payload = { template: "resetpwd", language: "zh-Hans" };
    const preview = await site.as(root.token)({ method: "POST", url: "/admin/mails/preview/", payload });
    const { subject, text } = preview.json();
    const shown = await json("mail template resetpwd --language zh-Hans");
    expect(shown).toMatchObject({ template: "resetpwd", language: "zh-Hans", subject, text });
    expect(shown.html).toContain("<");
    expect((await run("mail template resetpwd --language zh-Hans")).out).toBe(`${subject}\n\n${text}\n`);
    const { templates } = (await site.as(root.token)({ url: "/admin/sms/templates/" })).json();
    const english = templates.filter(({ language }: { language: string }) => language === "en");
    expect((await json("sms template --language en")).templates).toEqual(english);
    expect((await run("sms template register")).out).toMatch(/^register\n {2}.*000000/);
    expect(site.mailbox.length + site.smsBox.length).toBe(sent);
  });

  it("say which there are", async () => {
    const { templates, languages } = await json("mail template");
    const shown = (await site.as(root.token)({ url: "/admin/mails/templates/" })).json();
    expect({ templates, languages }).toEqual(shown);
    for (const line of ["mail template nothing", "sms template nothing"]) {
      const said = await run(line, "zh");
      expect([said.code, said.notes]).toEqual([1, expect.stringContaining("register")]);
    }
  });
});
