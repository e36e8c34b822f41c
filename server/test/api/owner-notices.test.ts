import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { securityNoticeJob } from "../../src/accounts/user-jobs.ts";
import { sampleValues } from "../../src/engines/mail/templates/sample-values.ts";
import { type EventName, eventFacts, eventNames } from "../../src/events/event-names.ts";
import { rightsNoticeJob } from "../../src/rights/rights-notice-job.ts";
import { type mailKinds, templateValues } from "../../src/words/mail-templates.ts";
import { makePerson, password, tokenOf } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Whatever happens to an account's ways in, and to the account itself, its owner is told, with a link that undoes it. */
let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest();
});
afterAll(() => third.close());

/** Events of which no mail goes out, each with why. A new event has to be here, or name its mails. */
const untold: Partial<Record<EventName, string>> = {
  "user.created": "its owner makes it; one that staff make has a mail of its own (account_made)",
  "user.updated": "opens no way in: fields, consents, permissions, groups",
  "user.avatar_changed": "opens no way in, and its owner sees it",
  "group.changed": "about no account",
  "user.disabled": "staff's to tell; nothing of it can be undone by its owner",
  "user.enabled": "the same",
  "user.deletion_requested": "by rights-notice: deletion_asked, which the audit log's entry announces",
  "user.deletion_cancelled": "by rights-notice: deletion_cancelled",
  "user.deletion_held": "a service's, while the deletion that was told goes on",
  "user.deleted": "by its last mail, account_deleted, which has nothing left to undo",
  "user.logged_in": "each log-in; those from a new device are user.new_device",
  "accounts.imported":
    "many accounts of the original at once, by an operator; nothing changed for their owners",
  "audit.entry": "every entry; what concerns the owner is another event",
  "webhook.test": "about no account",
};

/** Mails to owners without the link, each with why. */
const withoutLink: Readonly<Record<string, string>> = {
  lost_factor_asked: "its own link cancels the request",
  impersonation_begun: "a new password would undo nothing of it: it ends by itself, and in the owner's list",
};

const noticeKinds = [securityNoticeJob, rightsNoticeJob].flatMap(
  ({ payload }) =>
    (payload.properties.kind as unknown as { enum: readonly (typeof mailKinds)[number][] }).enum,
);

describe("the registry of events", () => {
  it("names the mails of each event that its owner is to know", () => {
    const told = eventNames.filter((name) => "notices" in eventFacts[name]);
    expect(eventNames.filter((name) => told.includes(name) === name in untold)).toEqual([]);
    for (const name of told) {
      const notices: readonly string[] = (eventFacts[name] as { notices: readonly string[] }).notices;
      for (const kind of notices) expect(noticeKinds, `${name}: ${kind}`).toContain(kind);
    }
  });

  it("every such mail has the link that undoes it, in ours and in an operator's own", () => {
    const lacking = noticeKinds.filter(
      (kind) => !(templateValues[kind] as readonly string[]).includes("notMeUrl"),
    );
    expect(lacking).toEqual(Object.keys(withoutLink));
    const values = sampleValues("https://passport.example.com", 0);
    for (const kind of noticeKinds.filter((one) => !(one in withoutLink))) {
      const { renderMail } = third.test.app;
      for (const language of ["zh", "en", "unknown"]) {
        const { text, html } = renderMail(kind, language, values[kind] as never);
        expect(text, kind).toContain("https://passport.example.com/not-me#none");
        expect(html, kind).toContain("https://passport.example.com/not-me#none");
      }
    }
  });
});

let people = 0;
async function owner() {
  const username = `owner${++people}`;
  const email = `${username}@qq.com`;
  return { ...(await makePerson(third.test, username, { email })), email };
}
type Owner = Awaited<ReturnType<typeof owner>>;

/** Who was told of what since the last look, without codes, and the link that each mail had. */
async function told() {
  await third.test.runJobs();
  const mails = third.test.mailbox
    .splice(0)
    .filter(({ kind = "" }) => !/changeEmail|resetpwd|stepUp/.test(kind));
  return mails.map(({ kind, to, text }) => ({
    kind,
    to,
    link: /\/not-me#(\S+)/.exec(text ?? "")?.[1] ?? null,
  }));
}
const named = (mails: Awaited<ReturnType<typeof told>>) => mails.map(({ kind, to }) => [kind, to]);
async function press(link: string | null) {
  const answer = await third.test.anonymous({
    method: "POST",
    url: "/user/sessions/disown/",
    payload: { token: link ?? "" },
  });
  expect(answer.statusCode, answer.body).toBe(200);
}
const account = async ({ id }: Owner) => (await third.test.app.users.byId(id))!;
async function call(token: string, method: "PUT" | "PATCH" | "POST" | "DELETE", url: string, payload = {}) {
  const answer = await third.test.as(token)({ method, url, payload });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
}
async function prove(token: string, mobile: string, more: object = {}) {
  const sms_code = await third.test.smsCodeFor(mobile, token);
  await call(token, "PUT", "/user/mobile/", { mobile, sms_code, current_password: password, ...more });
}
async function changeEmail(token: string, email: string) {
  const email_code = await third.test.codeFor(email, "changeEmail", token);
  await call(token, "PUT", "/user/email/", { email, email_code, current_password: password });
  third.test.clock.advance(120);
}

describe("a mobile number", () => {
  it("that is added, changed or removed is told, and what is as it was is not", async () => {
    const { token, email } = await owner();
    await told();
    await prove(token, "13900000001");
    expect(named(await told())).toEqual([["number_added", email]]);
    third.test.clock.advance(61);
    await prove(token, "13900000001");
    expect(named(await told())).toEqual([]);
    third.test.clock.advance(61);
    const old = await third.test.smsCodeFor("13900000001", token);
    await prove(token, "13900000002", { old_sms_code: old });
    expect(named(await told())).toEqual([["number_changed", email]]);
    third.test.clock.advance(61);
    const last = await third.test.smsCodeFor("13900000002", token);
    const payload = { mobile: "", old_sms_code: last, current_password: password };
    await call(token, "PATCH", "/user/", payload);
    expect(named(await told())).toEqual([["number_removed", email]]);
  });

  it("of a thief's, added by a stolen session, goes by the link of the mail, which ends the session", async () => {
    const robbed = await owner();
    await told();
    await prove(robbed.token, "13900000003");
    const [mail] = await told();
    await press(mail!.link);
    expect(await account(robbed)).toMatchObject({ mobile: null, proved_mobile: null });
    expect((await third.test.as(robbed.token)({ url: "/user/" })).statusCode).toBe(401);
  });

  it("that a thief takes away comes back by it", async () => {
    const robbed = await owner();
    await prove(robbed.token, "13900000004");
    third.test.clock.advance(61);
    await told();
    const old = await third.test.smsCodeFor("13900000004", robbed.token);
    const payload = { mobile: "", old_sms_code: old, current_password: password };
    await call(robbed.token, "PATCH", "/user/", payload);
    const [mail] = await told();
    await press(mail!.link);
    expect(await account(robbed)).toMatchObject({ mobile: "13900000004", proved_mobile: "13900000004" });
  });

  it("that staff change is told, and so is one without a code", async () => {
    const { id, token, email } = await owner();
    const root = await makePerson(third.test, "rootuser", { is_superuser: 1 });
    await told();
    await call(root.token, "PATCH", `/admin/users/${id}/`, { mobile: "13900000005" });
    expect(named(await told())).toEqual([["number_added", email]]);
    await call(token, "PATCH", "/user/", { mobile: "13900000006", current_password: password });
    expect(named(await told())).toEqual([["number_changed", email]]);
    await call(token, "PATCH", "/user/", { mobile: "13900000006", first_name: "三" });
    expect(named(await told())).toEqual([]);
  });
});

describe("an address", () => {
  it("that a thief replaced comes back by the link in the mail to the one before, with a code there", async () => {
    const robbed = await owner();
    await told();
    await changeEmail(robbed.token, "thief1@example.com");
    const [mail] = await told();
    expect(mail).toMatchObject({ kind: "email_changed", to: robbed.email });
    await press(mail!.link);
    expect((await account(robbed)).email).toBe(robbed.email);
    await third.test.runJobs();
    expect(third.test.mailbox.map(({ kind, to }) => [kind, to])).toContainEqual(["resetpwd", robbed.email]);
  });

  it("of a thief's, which its owner replaces, gets no link that would bring it back", async () => {
    const robbed = await owner();
    await told();
    await changeEmail(robbed.token, "thief2@example.com");
    await told();
    await changeEmail(robbed.token, "mine2@example.com");
    const mails = await told();
    expect(named(mails)).toEqual([["email_changed", "thief2@example.com"]]);
    expect(mails[0]!.link).toBeNull();
    // What happens next is told to all three; who was there first can undo it, and the thief can't.
    await prove(robbed.token, "13900000007");
    const links = Object.fromEntries((await told()).map(({ to, link }) => [to, link !== null]));
    expect(links).toEqual({ "mine2@example.com": true, [robbed.email]: true, "thief2@example.com": false });
  });
});

it("a third party that a thief binds with a proof goes by the link, and one from before stays", async () => {
  const robbed = await owner();
  const bind = async (provider: string, person: string) => {
    const payload = { password, action: "bindings" };
    const again = { method: "POST", url: "/user/reauthentication/", payload } as const;
    const { proof } = (await third.test.as(robbed.token)(again)).json();
    const { code, state } = await third.authorize(provider, { person, token: robbed.token });
    const headers = { "x-meiduo-proof": String(proof) };
    const url = `/user/bindings/${provider}/`;
    const answer = await third.test.as(robbed.token)({
      method: "POST",
      url,
      payload: { code, state },
      headers,
    });
    expect(answer.statusCode, answer.body).toBe(201);
  };
  await bind("github", "emoji");
  third.test.clock.advance(60);
  await told();
  await bind("weibo", "xiaomei");
  const [mail] = await told();
  expect(mail).toMatchObject({ kind: "binding_added", to: robbed.email });
  await press(mail!.link);
  const left = await third.test.app.db.kysely
    .selectFrom("bindings")
    .select("provider")
    .where("user_id", "=", robbed.id)
    .where("is_alias", "=", 0)
    .execute();
  expect(left).toEqual([{ provider: "github" }]);
  expect(named(await told())).toContainEqual(["binding_removed", robbed.email]);
  await expect(tokenOf(third.test, robbed.username)).resolves.toBeTypeOf("string");
});
