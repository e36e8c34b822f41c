import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGroups } from "../../src/permissions/groups.ts";
import { grant, makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Accounts that staff make, also where nobody can sign up: their owners set the first password. */
let test: TestApp;
let staff: Person;
beforeAll(async () => {
  test = await startTestApp({ env: { SIGN_UP: "closed", SIGN_UP_DOMAINS: "example.com" } });
  staff = await makePerson(test, "staffuser", { is_staff: 1, permissions: ["users.add_user"] });
});
afterAll(() => test.close());

const add = (payload: object) => test.as(staff.token)({ method: "POST", url: "/admin/users/", payload });
const logIn = (username: string, password: string) =>
  test.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });

describe("an account that staff make", () => {
  it("gets its password from its owner, by the code that the reset mails, and has none before", async () => {
    const made = await add({ username: "zhangsan", email: "Zhang@partner.example", last_name: "张" });
    expect([made.statusCode, made.json()]).toMatchObject([
      201,
      {
        username: "zhangsan",
        email: "Zhang@partner.example",
        email_active: false,
        is_staff: false,
        groups: [],
      },
    ]);
    await test.runJobs();
    const mail = test.mailbox.at(-1)!;
    expect(mail.to).toBe("Zhang@partner.example");
    expect(mail.text).toContain("zhangsan");
    expect(mail.text).toContain("/forgot-password#email=Zhang%40partner.example");
    expect(mail.text).not.toMatch(/\b[2-9A-HJKMNP-Z]{6}\b/);
    for (const guess of ["", "!", "12345678aA"])
      expect((await logIn("zhangsan", guess)).statusCode).toBe(400);

    const email_code = await test.codeFor("Zhang@partner.example", "resetpwd");
    const password = "first-of-my-own";
    const reset = await test.anonymous({
      method: "POST",
      url: "/users/password/",
      payload: { email: "Zhang@partner.example", email_code, password, password2: password },
    });
    expect(reset.statusCode, reset.body).toBe(200);
    const { token } = (await logIn("zhangsan", password)).json();
    expect((await test.as(token)({ url: "/user/" })).json().email_active).toBe(true);
  });

  it("is in the audit log under who made it", async () => {
    const { id } = (await add({ username: "lisi0001", email: "lisi@example.com" })).json();
    const entries = await test.app.db.kysely
      .selectFrom("audit_entries")
      .selectAll()
      .where("target_id", "=", id)
      .where("action", "=", "user.create")
      .execute();
    expect(entries).toMatchObject([{ actor_id: staff.id, target: "lisi0001" }]);
    expect(JSON.parse(entries[0]!.after)).toMatchObject({ email: "lisi@example.com", groups: [] });
  });

  it.each([
    [{ username: "staffuser", email: "x@example.com" }, { username: ["已存在一位使用该名字的用户。"] }],
    [{ username: "wangwu01", email: "lisi@EXAMPLE.com" }, { email: ["该邮箱已被注册。"] }],
    [{ username: "wangwu01", email: "nobody" }, { email: ["请输入合法的邮件地址。"] }],
    [{ username: "wangwu01" }, { email: ["该字段是必填项。"] }],
    [{ username: "wangwu01", email: "w@example.com", groups: [999_999] }, { groups: [expect.any(String)] }],
  ])("is refused, and nothing is left of it: %j", async (payload, problem) => {
    await test.runJobs();
    const before = test.mailbox.length;
    const answer = await add(payload);
    expect([answer.statusCode, answer.json()]).toMatchObject([400, problem]);
    await test.runJobs();
    expect(test.mailbox).toHaveLength(before);
    expect(await test.app.users.byLoginName("wangwu01")).toBeNull();
  });

  it("comes into groups that its maker could grant, and no others", async () => {
    const { db } = test.app;
    const group = (await createGroups({ db }).add(db, { name: "viewers", permissions: ["users.view_user"] }))
      .id;
    const form = { username: "zhaoliu1", email: "zhaoliu@example.com", groups: [group] };
    expect((await add(form)).statusCode).toBe(403);
    await grant(test, staff.id, ["users.add_user", "users.view_user"]);
    expect((await add(form)).statusCode).toBe(403);
    expect(await test.app.users.byLoginName("zhaoliu1")).toBeNull();
    await grant(test, staff.id, ["users.add_user", "users.view_user", "users.change_user"]);
    expect((await add(form)).json().groups).toEqual([{ id: group, name: "viewers" }]);
  });

  it("can't be staff or a superuser from the start", async () => {
    const answer = await add({
      username: "promoted",
      email: "p@example.com",
      is_superuser: true,
      is_staff: true,
    });
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([
      400,
      expect.arrayContaining(["is_superuser", "is_staff"]),
    ]);
  });
});
