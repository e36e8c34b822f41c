import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Leaver, leaveUrl, makeLeaver } from "../support/number-leave.ts";
import { password, tokenOf } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A proved number that receives nothing any more: who may leave it, who is told, and what keeps it. */
const day = 86_400;
let test: TestApp;
let one: Leaver;
let count = 0;
beforeAll(async () => {
  test = await startTestApp({
    env: {
      ...{ CODE_SIGN_IN: "sms", SIGN_UP_BY: "email,mobile", USERNAME: "optional" },
      ...{ SMS_HOURLY_BUDGET: "10000", SMS_DAILY_BUDGET: "10000" },
    },
  });
});
afterAll(() => test.close());
beforeEach(async () => {
  one = await makeLeaver(test, `leaver${++count}`);
});

const row = async (id: number) => (await test.app.users.byId(id))!;
const sweep = () => test.app.maintenance.run();
const subjects = async (to: string) => {
  await test.runJobs();
  return test.mailbox.filter((mail) => mail.to === to).map(({ subject }) => subject);
};
const toldBySms = async (mobile: string) => {
  await test.runJobs();
  return test.smsBox.filter(({ to, purpose }) => to === mobile && purpose === "leaveMobile");
};
const actions = async (id: number) =>
  (
    await test.app.db.kysely
      .selectFrom("audit_entries")
      .select("action")
      .where("target_id", "=", id)
      .where("action", "like", "user.number%")
      .orderBy("id")
      .execute()
  ).map(({ action }) => action);

async function asked(leaver = one): Promise<Leaver> {
  const answer = await leaver.leave("POST", await leaver.mailedProof());
  expect(answer.statusCode, answer.body).toBe(200);
  // Among other things the number is told.
  await test.runJobs();
  return leaver;
}
/** What the link "this wasn't me" of the last mail holds. */
const disownTokenTo = (to: string) =>
  /\/not-me#(\S+)/.exec(
    test.mailbox.findLast((mail) => mail.to === to && mail.text.includes("/not-me#"))?.text ?? "",
  )?.[1] ?? "";
const disown = (token: string) =>
  test.anonymous({ method: "POST", url: "/user/sessions/disown/", payload: { token } });

describe("who asks", () => {
  it("needs a proof by another channel: neither a fresh log-in nor the password is one", async () => {
    const bare = await one.leave("POST");
    expect(bare.statusCode).toBe(403);
    expect(bare.json()).toMatchObject({
      ...{ code: "reauthentication_required", action: "mobile_leave", methods: ["email_code"] },
    });
    const action = "mobile_leave";
    const typed = await test.as(one.token)({
      ...{ method: "POST", url: "/user/reauthentication/", payload: { action, password } },
    });
    expect((await one.leave("POST", typed.json().proof)).statusCode).toBe(403);
    expect((await one.leave("GET")).json()).toMatchObject({ state: "none", due_at: null, delay_days: 7 });
  });

  it("by a mailed code: it is asked once, however often, and everybody is told", async () => {
    const answer = await one.leave("POST", await one.mailedProof());
    const due = new Date(test.clock.now() + 7 * day * 1000).toISOString();
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { state: "asked", due_at: due }]);
    expect((await one.leave("POST", await one.mailedProof())).json().due_at).toBe(due);
    expect((await one.leave("GET")).json()).toMatchObject({ state: "asked", due_at: due });
    const mails = (await subjects(one.email)).filter((subject) => subject.includes("有人申请移除"));
    expect(mails).toHaveLength(1);
    const [sms, ...more] = await toldBySms(one.mobile);
    expect(more).toEqual([]);
    expect([sms!.text.includes("7 天后"), sms!.code]).toEqual([true, ""]);
    expect(sms!.text).not.toContain(one.username);
    expect(await actions(one.id)).toEqual(["user.number-leave-asked"]);
    expect((await row(one.id)).mobile).toBe(one.mobile);
  });

  it("with a second factor by that, and not by the mailbox that its thief reads, too", async () => {
    const { next } = await switchOnSecondFactor(test, one.username);
    const refused = await one.leave("POST");
    expect(refused.json()).toMatchObject({ methods: ["totp", "recovery_code"], email: null });
    const proved = await test.as(one.token)({
      ...{ method: "POST", url: "/user/reauthentication/" },
      payload: { action: "mobile_leave", code: next() },
    });
    expect((await one.leave("POST", proved.json().proof)).statusCode).toBe(200);
  });

  it("is told what to do without another channel, without a proved number, and without another way in", async () => {
    const { kysely } = test.app.db;
    const set = (values: object) =>
      kysely.updateTable("users").set(values).where("id", "=", one.id).execute();
    const proof = await one.mailedProof();
    await set({ email_verified: 0 });
    const none = await one.leave("POST");
    expect([none.statusCode, none.json().message]).toEqual([403, expect.stringContaining("验证一个邮箱")]);
    // As of who gave a code of an authenticator app, which opens nothing by itself.
    await set({ password_hash: test.app.passwords.unusable() });
    const last = await one.leave("POST", proof);
    expect([last.statusCode, last.json().message]).toEqual([400, expect.stringContaining("请先设置密码")]);
    await set({ email_verified: 1, proved_mobile: null });
    const unproved = await one.leave("POST", await one.mailedProof());
    expect([unproved.statusCode, unproved.json().message]).toEqual([400, expect.stringContaining("验证过")]);
    expect(await actions(one.id)).toEqual([]);
  });

  it("is refused for the fourth time in thirty days", async () => {
    for (let time = 0; time < 3; time++) {
      await asked();
      expect((await one.leave("DELETE")).json()).toMatchObject({ state: "none" });
    }
    const fourth = await one.leave("POST", await one.mailedProof());
    expect([fourth.statusCode, Number(fourth.headers["retry-after"]) > day]).toEqual([429, true]);
  });
});

describe("when its time comes", () => {
  it("takes the number away, which is then a newcomer's, and leaves the rest", async () => {
    await asked();
    test.clock.advance(7 * day - 1);
    await sweep();
    expect((await row(one.id)).mobile).toBe(one.mobile);
    test.clock.advance(1);
    await sweep();
    const after = await row(one.id);
    expect(after).toMatchObject({ mobile: null, proved_mobile: null, mobile_proved_at: null });
    expect(after.username).toBe(one.username);
    expect(await actions(one.id)).toEqual(["user.number-leave-asked", "user.number-left"]);
    expect((await subjects(one.email)).at(-1)).toContain("手机号已移除");
    const sms_code = await test.smsCodeFor(one.mobile, undefined, "register");
    const fields = { password, password2: password, allow: "true", mobile: one.mobile, sms_code };
    const newcomer = await test.anonymous({ method: "POST", url: "/users/", payload: fields });
    expect(newcomer.statusCode, newcomer.body).toBe(201);
  });

  it("puts it back for who says that it wasn't them", async () => {
    await asked();
    test.clock.advance(7 * day);
    await sweep();
    await test.runJobs();
    expect((await disown(disownTokenTo(one.email))).statusCode).toBe(200);
    expect(await row(one.id)).toMatchObject({ mobile: one.mobile, proved_mobile: one.mobile });
  });

  it("keeps the number of an account that nothing else opens by now, and says so", async () => {
    await asked();
    // Sent before, as jobs of one moment end in any order.
    await test.runJobs();
    const set = { password_hash: test.app.passwords.unusable(), email_verified: 0 as const };
    await test.app.db.kysely.updateTable("users").set(set).where("id", "=", one.id).execute();
    test.clock.advance(7 * day);
    await sweep();
    expect((await row(one.id)).mobile).toBe(one.mobile);
    expect(await actions(one.id)).toEqual(["user.number-leave-asked", "user.number-leave-refused"]);
    expect((await subjects(one.email)).at(-1)).toContain("继续保留");
  });
});

describe("kept", () => {
  const expectKept = async () => {
    expect((await one.leave("GET")).json()).toMatchObject({ state: "none" });
    test.clock.advance(7 * day);
    await sweep();
    expect(await row(one.id)).toMatchObject({ mobile: one.mobile, proved_mobile: one.mobile });
    expect(await actions(one.id)).toEqual(["user.number-leave-asked", "user.number-leave-cancelled"]);
    expect((await subjects(one.email)).filter((subject) => subject.includes("继续保留"))).toHaveLength(1);
  };

  it("by its owner on the account page, who is asked for nothing", async () => {
    await asked();
    expect((await one.leave("DELETE")).json()).toMatchObject({ state: "none" });
    await expectKept();
  });

  it("by a log-in with a code to the number, from wherever", async () => {
    await asked();
    await test.runJobs();
    const sms_code = await test.smsCodeFor(one.mobile, undefined, "signIn");
    const logIn = { mobile: one.mobile, sms_code };
    const answer = await test.anonymous({ method: "POST", url: "/users/codes/sign-in/", payload: logIn });
    expect(answer.statusCode, answer.body).toBe(200);
    await expectKept();
  });

  it("by proving the number once more", async () => {
    await asked();
    await test.runJobs();
    const sms_code = await test.smsCodeFor(one.mobile, one.token);
    const payload = { mobile: one.mobile, sms_code, current_password: password };
    const proved = await test.as(one.token)({ method: "PUT", url: "/user/mobile/", payload });
    expect(proved.statusCode, proved.body).toBe(200);
    await expectKept();
  });

  it("by the mail's link, which ends the thief's session too; opening it does nothing", async () => {
    await asked();
    await test.runJobs();
    const token = disownTokenTo(one.email);
    expect((await test.anonymous({ url: "/user/sessions/disown/", query: { token } })).statusCode).toBe(405);
    expect((await one.leave("GET")).json()).toMatchObject({ state: "asked" });
    expect((await disown(token)).statusCode).toBe(200);
    expect((await one.leave("GET")).statusCode, "the session that asked").toBe(401);
    one.token = await tokenOf(test, one.username);
    const now = await test.as(one.token)({ url: leaveUrl });
    expect(now.json()).toMatchObject({ state: "none" });
    test.clock.advance(7 * day);
    await sweep();
    expect((await row(one.id)).mobile).toBe(one.mobile);
  });
});

it("of a stolen session and a stolen mailbox, the number is told, and whoever has it keeps it", async () => {
  // The thief has a token, reads the mailbox and asks at once.
  await asked();
  const [sms] = await toldBySms(one.mobile);
  expect(sms!.text).toContain("有人申请");
  // The owner reads the SMS and shows by a code that the number is theirs.
  const sms_code = await test.smsCodeFor(one.mobile, undefined, "signIn");
  const logIn = { mobile: one.mobile, sms_code };
  await test.anonymous({ method: "POST", url: "/users/codes/sign-in/", payload: logIn });
  test.clock.advance(30 * day);
  await sweep();
  expect((await row(one.id)).mobile).toBe(one.mobile);
});

it("an address that was replaced within seven days is told, too", async () => {
  const email = `fresh-${one.email}`;
  const email_code = await test.codeFor(email, "changeEmail", one.token);
  const payload = { email, email_code, current_password: password };
  const changed = await test.as(one.token)({ method: "PUT", url: "/user/email/", payload });
  expect(changed.statusCode, changed.body).toBe(200);
  const moved = { ...one, email };
  const action = "mobile_leave";
  test.clock.advance(61);
  const as = test.as(one.token);
  await as({ method: "POST", url: "/user/reauthentication/email-code/", payload: { action } });
  await test.runJobs();
  const code = test.mailbox.findLast(({ to, kind }) => to === email && kind === "stepUp")!.code;
  const proof = await as({
    ...{ method: "POST", url: "/user/reauthentication/", payload: { action, email_code: code } },
  });
  expect((await moved.leave("POST", proof.json().proof)).statusCode).toBe(200);
  for (const to of [one.email, email]) {
    expect((await subjects(to)).filter((subject) => subject.includes("有人申请移除"))).toHaveLength(1);
  }
});
