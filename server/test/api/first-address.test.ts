import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** An account that no address logged in to gets one: somebody is told, also where there is nobody but the new address. */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

async function give(email: string, token: string): Promise<void> {
  const email_code = await test.codeFor(email, "changeEmail", token);
  const payload = { email, email_code, current_password: password };
  const answer = await test.as(token)({ method: "PUT", url: "/user/email/", payload });
  expect(answer.statusCode, answer.body).toBe(200);
}
/** Who was told of what since the last look, without the codes. */
async function told() {
  await test.runJobs();
  const mails = test.mailbox.splice(0).filter(({ kind }) => kind !== "changeEmail");
  return mails.map(({ kind, to }) => [kind, to]);
}

it("the first address is told itself, in its owner's language, and a later one tells the one before", async () => {
  const { token } = await makePerson(test, "nameless1");
  await told();
  await give("first@qq.com", token);
  await test.runJobs();
  const mail = test.mailbox.find(({ kind }) => kind === "email_added")!;
  expect(mail).toMatchObject({ to: "first@qq.com", subject: "【美多商城】您的账号添加了邮箱" });
  expect(mail.text).toContain("nameless1");
  expect(mail.text).toContain("/forgot-password");
  // Whoever added it holds no link by which they could undo what the owner does about it.
  expect(mail.text).not.toContain("/not-me");
  expect(await told()).toEqual([["email_added", "first@qq.com"]]);
  test.clock.advance(120);
  await give("second@qq.com", token);
  expect(await told()).toEqual([["email_changed", "first@qq.com"]]);
});

it("the same address confirmed once more is told to nobody", async () => {
  const { token } = await makePerson(test, "nameless2");
  await give("same@qq.com", token);
  expect(await told()).toEqual([["email_added", "same@qq.com"]]);
  test.clock.advance(120);
  await give("same@qq.com", token);
  expect(await told()).toEqual([]);
});

it("an address that the account had within seven days is told, too, and none from longer ago", async () => {
  const { token, id } = await makePerson(test, "nameless3", { email: "owner3@qq.com" });
  await give("thief3@qq.com", token);
  // As staff take an address away.
  const remove = async (email: string) => {
    const { kysely } = test.app.db;
    await kysely.updateTable("users").set({ email: null }).where("id", "=", id).execute();
    await kysely.deleteFrom("login_names").where("name_key", "=", email).execute();
  };
  await remove("thief3@qq.com");
  await told();
  test.clock.advance(120);
  await give("new3@qq.com", token);
  expect(await told()).toEqual([
    ["email_added", "new3@qq.com"],
    ["email_added", "owner3@qq.com"],
  ]);
  await remove("new3@qq.com");
  test.clock.advance(8 * 86_400);
  const { token: later } = (
    await test.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username: "nameless3", password },
    })
  ).json();
  await give("last3@qq.com", later);
  expect(await told()).toEqual([["email_added", "last3@qq.com"]]);
});
