import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Classic, startClassic } from "../support/classic.ts";
import { makePerson, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Of a deletion its owner hears, and nobody who merely has an address that stands in the account; who may be a thief can't undo it. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

const leave = async (at: TestApp, token: string) => {
  const payload = { current_password: password };
  const answer = await at.as(token)({ method: "POST", url: "/user/deletion/", payload });
  expect(answer.statusCode, answer.body).toBe(202);
};
/** Kinds of the mails about a deletion that came to the address until it was over. */
async function toldAt(at: TestApp, address: string): Promise<(string | undefined)[]> {
  await at.runJobs();
  at.clock.advance(8 * 24 * 3600);
  await at.app.maintenance.run();
  await at.runJobs();
  const mails = at.mailbox.filter(({ to, kind = "" }) => to === address && /delet/.test(kind));
  return mails.map(({ kind }) => kind);
}
const withAddress = async (username: string, email: string) => {
  const person = await makePerson(site, username);
  await site.app.db.kysely
    .updateTable("users")
    .set({ email, email_verified: 0 })
    .where("id", "=", person.id)
    .execute();
  return person;
};

describe("an address that is not the account's own", () => {
  it("as another imported account has proved it since: its owner hears nothing of it", async () => {
    const email = "both@qq.com";
    const leaving = await withAddress("both01", email);
    await makePerson(site, "both02", { email });
    await leave(site, leaving.token);
    expect(await toldAt(site, email)).toEqual([]);
    expect(await site.app.users.byId(leaving.id)).toBeNull();
  });

  it("which nobody proved, is told, as of everything else", async () => {
    const leaving = await withAddress("alone01", "alone01@qq.com");
    await leave(site, leaving.token);
    expect(await toldAt(site, "alone01@qq.com")).toEqual(["deletion_asked", "account_deleted"]);
  });

  describe("on a site whose pages confirm by a link", () => {
    let classic: Classic;
    beforeAll(async () => {
      classic = await startClassic({ env: { SIGN_UP_BY: "email,mobile" } });
    });
    afterAll(() => classic.test.close());

    it("is told nothing before that", async () => {
      const { id, token } = await classic.person();
      const email = "typed-wrong@163.com";
      expect((await classic.send("PUT", "/email/", { email }, token)).statusCode).toBe(200);
      await leave(classic.test, token);
      expect(await toldAt(classic.test, email)).toEqual([]);
      expect(await classic.test.app.users.byId(id)).toBeNull();
    });
  });
});

describe("the link of the mail about it", () => {
  const changeEmail = async (token: string, email: string) => {
    const email_code = await site.codeFor(email, "changeEmail", token);
    const payload = { email, email_code, current_password: password };
    const answer = await site.as(token)({ method: "PUT", url: "/user/email/", payload });
    expect(answer.statusCode, answer.body).toBe(200);
    site.clock.advance(120);
  };
  const linkIn = (text: string) => /\/not-me#(\S*)/.exec(text)?.[1] ?? null;

  it("is its owner's, also at the address from before a thief, and never the thief's", async () => {
    const { id, token } = await makePerson(site, "robbed01", { email: "robbed01@qq.com" });
    await changeEmail(token, "thief01@example.com");
    await changeEmail(token, "mine01@example.com");
    await leave(site, token);
    await site.runJobs();
    const mails = site.mailbox.filter(
      ({ kind, to }) => kind === "deletion_asked" && /^(robbed|thief|mine)01@/.test(to),
    );
    const links = Object.fromEntries(mails.map(({ to, text }) => [to, linkIn(text)]));
    expect(links).toEqual({
      "mine01@example.com": expect.stringMatching(/./),
      "robbed01@qq.com": expect.stringMatching(/./),
      "thief01@example.com": null,
    });
    expect((await site.app.users.byId(id))?.deletion_due_at).not.toBeNull();
  });

  it("is kept out of what a server says of the mail, also of that which says that the account is kept", async () => {
    const { username, token } = await makePerson(site, "kept01", { email: "kept01@qq.com" });
    await leave(site, token);
    const entered = await site.anonymous({
      ...{ method: "POST", url: "/users/authorizations/", payload: { username, password } },
    });
    const { step } = entered.json();
    const kept = await site.anonymous({ method: "POST", url: "/users/deletion/cancel/", payload: { step } });
    expect(kept.statusCode, kept.body).toBe(200);
    await site.runJobs();
    const mails = site.mailbox.filter(({ kind = "", to }) => to === "kept01@qq.com" && /delet/.test(kind));
    expect(mails.map(({ kind }) => kind)).toEqual(["deletion_asked", "deletion_cancelled"]);
    for (const { code, text } of mails) expect(linkIn(text)).toBe(code);
    await expect(tokenOf(site, username)).resolves.toBeTypeOf("string");
  });
});
