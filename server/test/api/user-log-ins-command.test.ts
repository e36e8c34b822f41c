import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makePerson, type Person, tokenOf } from "../support/people.ts";
import { siteCommands } from "../support/site-commands.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** `manage user sessions`, `end-session`, `log-ins` and `reset-mail`: what the console's page of a user does about log-ins. */
let site: TestApp;
let person: Person;
let count = 0;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());
beforeEach(async () => {
  const name = `logger${++count}x`;
  person = await makePerson(site, name, { email: `${name}@example.com` });
});
const { run, json, entriesBy } = siteCommands(() => site);
const isIn = async (token: string) => (await site.as(token)({ url: "/user/" })).statusCode === 200;

describe("manage user sessions and end-session", () => {
  it("lists those that live as the console does, and ends one with the console's entry", async () => {
    site.clock.advance(1);
    const second = await tokenOf(site, person.username);
    const sessions = await json(`user sessions ${person.username}`);
    const root = await makePerson(site, `root${count}xx`, { is_superuser: 1 });
    const shown = (await site.as(root.token)({ url: `/admin/users/${person.id}/sessions/` })).json().sessions;
    expect(sessions).toEqual(shown.map(({ current: _, ...one }: { current: boolean }) => one));
    expect(sessions).toHaveLength(2);
    const [{ id }] = sessions;
    expect(await json(`user end-session ${person.username} ${id}`)).toEqual({ id: person.id, session: id });
    expect([await isIn(second), await isIn(person.token)].toSorted()).toEqual([false, true]);
    expect(await entriesBy(1)).toMatchObject([
      { action: "user.end-session", targetId: person.id, before: { session: id }, after: { session: null } },
    ]);
    expect((await run(`user sessions ${person.username}`)).out.split("\n")).toHaveLength(2);
  });

  it("says which there is none of, and writes nothing then", async () => {
    const stranger = await makePerson(site, `other${count}x`);
    const [{ id }] = await json(`user sessions ${stranger.username}`);
    for (const language of ["zh", "en"] as const) {
      const said = await run(`user end-session ${person.username} ${id}`, language);
      expect([said.code, said.notes]).toEqual([1, expect.stringContaining("user sessions")]);
    }
    expect(await isIn(stranger.token)).toBe(true);
    expect(await entriesBy(9, person.id)).toEqual([]);
    await run(`user end-tokens ${person.username}`);
    expect((await run(`user sessions ${person.username}`)).out).toBe("It is logged in nowhere.\n");
    expect((await run("user sessions nobody-here")).code).toBe(1);
  });
});

describe("manage user log-ins", () => {
  it("lists past ones page by page, ended or not, the newest first", async () => {
    for (let n = 0; n < 2; n++) {
      site.clock.advance(60);
      await tokenOf(site, person.username);
    }
    const [{ id }] = await json(`user sessions ${person.username}`);
    await run(`user end-session ${person.username} ${id}`);
    const all = await json(`user log-ins ${person.username}`);
    expect(all.next).toBeNull();
    expect(all.log_ins).toHaveLength(3);
    expect(all.log_ins.filter((one: { ended_at: string | null }) => one.ended_at !== null)).toHaveLength(1);
    const times = all.log_ins.map(({ at }: { at: string }) => at);
    expect(times).toEqual(times.toSorted().toReversed());
    const first = await json(`user log-ins ${person.username} --limit 2`);
    const second = await json(`user log-ins ${person.username} --limit 2 --before ${first.next}`);
    expect([...first.log_ins, ...second.log_ins]).toEqual(all.log_ins);
    expect(second.next).toBeNull();
    const { out } = await run(`user log-ins ${person.username} --limit 2`);
    expect(out).toContain(`There is more: --before ${first.next}\n`);
    expect(out).toContain("password");
  });

  it.each([
    ["--limit 0", /--limit/],
    ["--before nowhere", /--before/],
  ])("%s can't be understood", async (option, words) => {
    const said = await run(`user log-ins ${person.username} ${option}`);
    expect([said.code, said.notes]).toEqual([2, expect.stringMatching(words)]);
  });
});

describe("manage user reset-mail", () => {
  const codeIn = (text: string) => /^ *([2-9A-HJKMNP-Z]{6})$/m.exec(text)?.[1];

  it("has the owner mailed a code that sets a password, with the console's entry", async () => {
    const email = `${person.username}@example.com`;
    const said = await run(`user reset-mail ${person.username} --language zh-Hans`);
    expect([said.code, said.notes]).toEqual([0, ""]);
    expect(said.out).toContain("l***@example.com");
    await site.runJobs();
    const mail = site.mailbox.findLast(({ to }) => to === email);
    expect(mail?.subject).toMatch(/\p{Script=Han}/u);
    const email_code = codeIn(mail!.text);
    expect(said.out).not.toContain(email_code);
    expect(await entriesBy(1)).toMatchObject([
      { action: "user.password-reset", targetId: person.id, after: { mail: "sent" } },
    ]);
    const payload = { email, email_code, password: "another-pass-1", password2: "another-pass-1" };
    const reset = await site.anonymous({ method: "POST", url: "/users/password/", payload });
    expect(reset.statusCode, reset.body).toBe(200);
    const { mails } = await siteMails(email);
    expect(mails.map(({ kind, state }) => [kind, state])).toContainEqual(["resetpwd", "accepted"]);
  });

  it("is in the terminal's language without, and is not sent twice in a minute", async () => {
    expect(await json(`user reset-mail ${person.username}`)).toEqual({ id: person.id, language: "en" });
    const again = await run(`user reset-mail ${person.username}`);
    expect([again.code, again.out]).toEqual([1, ""]);
    expect(await entriesBy(9, person.id)).toHaveLength(1);
  });

  it("refuses an account without an address, and a language that is not offered", async () => {
    const without = await makePerson(site, `bare${count}xx`);
    const said = await run(`user reset-mail ${without.username}`);
    expect([said.code, said.notes]).toEqual([1, expect.stringMatching(/no address of its own/)]);
    const odd = await run(`user reset-mail ${person.username} --language tlh`);
    expect([odd.code, odd.notes]).toEqual([1, expect.stringContaining("is not offered")]);
  });

  async function siteMails(to: string) {
    const { results } = await json(`mail list --to ${to}`);
    return { mails: results as { kind: string; state: string }[] };
  }
});
