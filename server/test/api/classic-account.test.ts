import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Classic, password, startClassic } from "../support/classic.ts";

/** Rows 11 to 14 of the classic contract: the own password by id, an address confirmed by a link, the profile. */
let site: Classic;
beforeAll(async () => {
  site = await startClassic({ env: { SIGN_UP_BY: "email,mobile" } });
});
afterAll(() => site.test.close());

const fresh = "another-8Bb";
const logIn = (username: string, typed = password) =>
  site.send("POST", "/users/authorizations/", { username, password: typed });

describe("row 11, PUT /users/<id>/password/", () => {
  it.each(["password", "resetpassword"])(
    "changes the own password (%s), with and without the slash",
    async (last) => {
      const { id, username, token } = await site.person();
      const fields = { old_password: password, password: fresh, password2: fresh };
      const answer = await site.send("PUT", `/users/${id}/${last}`, fields, token);
      expect([answer.statusCode, answer.json()]).toEqual([200, { message: "OK", token: expect.any(String) }]);
      expect((await site.get("/user/", token)).statusCode).toBe(401);
      expect((await logIn(username, fresh)).statusCode).toBe(200);
      const back = { old_password: fresh, password, password2: password };
      const again = await site.send("PUT", `/users/${id}/${last}/`, back, answer.json().token);
      expect(again.statusCode).toBe(200);
    },
  );

  it("says a wrong present password in every place that a page reads", async () => {
    const { id, token } = await site.person();
    const fields = { old_password: "wrong-8Bb", password: fresh, password2: fresh };
    const answer = await site.send("PUT", `/users/${id}/password/`, fields, token);
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { old_password: ["密码错误"], non_field_errors: ["密码错误"], message: "密码错误" },
    ]);
    const { old_password: _, ...without } = fields;
    const missing = await site.send("PUT", `/users/${id}/password/`, without, token);
    expect(Object.keys(missing.json())).toEqual(["old_password", "non_field_errors", "message"]);
  });

  it("is 403 for somebody else's id, 401 without a token, and says what is wrong with the new one", async () => {
    const { id, token } = await site.person();
    const fields = { old_password: password, password: fresh, password2: fresh };
    expect((await site.send("PUT", `/users/${id + 1}/password/`, fields, token)).statusCode).toBe(403);
    expect((await site.send("PUT", `/users/${id}/password/`, fields)).statusCode).toBe(401);
    const differ = { ...fields, password2: "different-8Bb" };
    const answer = await site.send("PUT", `/users/${id}/password/`, differ, token);
    expect(answer.json()).toEqual({ non_field_errors: ["两次密码不一致"], message: "两次密码不一致" });
    expect((await logIn((await site.person()).username)).statusCode).toBe(200);
  });
});

describe("row 14, GET /user/", () => {
  it("has strings where there is nothing", async () => {
    const { id, username, mobile, token } = await site.person();
    const of = { id, username, mobile, email: "", email_active: false };
    expect((await site.get("/user", token)).json()).toMatchObject(of);
    const { token: other } = await site.test.signUp({ username: "byaddress", email: "byaddress@qq.com" });
    expect((await site.get("/user/", other)).json()).toMatchObject({ mobile: "", email_active: true });
    expect((await site.get("/user/")).statusCode).toBe(401);
  });
});

describe("rows 12 and 13, an address confirmed by a link", () => {
  const give = (email: string, token: string, url = "/email/") => site.send("PUT", url, { email }, token);
  const linkTo = async (email: string) => {
    await site.test.runJobs();
    const mail = site.test.mailbox.findLast(({ to }) => to === email)!;
    return /http\S+\/success_verify_email\.html\?token=([\w.-]+)/.exec(mail.text)![1]!;
  };
  const reset = (email: string, email_code: string) =>
    site.send("POST", "/users/password/", { email, email_code, password: fresh, password2: fresh });

  it.each([
    ["/email/", "GET", "query"],
    ["/emails/", "PUT", "query"],
    ["/email", "POST", "body"],
  ] as const)("%s, then the link by %s with the token in the %s", async (url, method, where) => {
    const { id, username, token } = await site.person();
    const email = `${username}@163.com`;
    const given = await give(email, token, url);
    expect([given.statusCode, given.json()]).toEqual([200, { id, email }]);
    expect((await site.get("/user/", token)).json()).toMatchObject({ email, email_active: false });
    const link = await linkTo(email);
    // It is none to log in by, nor to reset by, until then.
    expect((await logIn(email)).statusCode).toBe(400);
    const open = () =>
      site.test.anonymous({
        ...{ method, url: `/emails/verification/${where === "query" ? `?token=${link}` : ""}` },
        ...(where === "body" ? { payload: { token: link } } : {}),
      });
    for (let i = 0; i < 2; i++) {
      const opened = await open();
      expect([opened.statusCode, opened.json()]).toEqual([200, { message: "OK" }]);
    }
    expect((await site.get("/user/", token)).json()).toMatchObject({ email, email_active: true });
    expect((await logIn(email)).statusCode).toBe(200);
    // Told once, when it became a name to log in by.
    await site.test.runJobs();
    const kinds = site.test.mailbox.filter(({ to }) => to === email).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "email_added")).toHaveLength(1);
  });

  it("resets nothing before the link was opened, however the code came", async () => {
    const { username, token } = await site.person();
    const email = `${username}@163.com`;
    await give(email, token);
    await linkTo(email);
    const before = site.test.mailbox.length;
    await site.get(`/verifications/email_codes/${email}/?send_type=resetpwd`);
    await site.test.runJobs();
    const texts = site.test.mailbox.slice(before).map(({ text }) => text);
    expect(texts.join()).toContain("没有注册过");
    expect((await reset(email, "AAAAAA")).statusCode).toBe(400);
  });

  it("another account may still get an unconfirmed address, whose link then is worth nothing", async () => {
    const { username, token } = await site.person();
    const email = `${username}@163.com`;
    await give(email, token);
    const link = await linkTo(email);
    const owner = await site.test.signUp({ username: `${username}x`, email });
    const late = await site.get(`/emails/verification/?token=${link}`);
    expect([late.statusCode, late.json()]).toEqual([400, { message: "无效的token" }]);
    expect((await logIn(email)).json().id).toBe(owner.id);
  });

  it("what logs in already is not replaced here, and nobody is asked twice for a confirmed one", async () => {
    const { id, token } = await site.test.signUp({ username: "confirmed1", email: "confirmed1@qq.com" });
    const same = await give("confirmed1@qq.com", token);
    expect([same.statusCode, same.json()]).toEqual([200, { id, email: "confirmed1@qq.com" }]);
    const other = await give("thief@qq.com", token);
    expect([other.statusCode, Object.keys(other.json())]).toEqual([400, ["email", "message"]]);
    expect((await site.get("/user/", token)).json().email).toBe("confirmed1@qq.com");
    await site.test.runJobs();
    expect(site.test.mailbox.filter(({ to }) => to === "thief@qq.com")).toEqual([]);
  });

  it("a token alone gives the account no address, once its log-in is a while ago", async () => {
    const { username, token } = await site.person();
    site.test.clock.advance(901);
    const answer = await give(`${username}@163.com`, token);
    expect([answer.statusCode, answer.json().code]).toEqual([403, "reauthentication_required"]);
    expect((await site.get("/user/", token)).json().email).toBe("");
  });

  it("a link ends with the account's credentials, and after a day", async () => {
    const { id, username, token } = await site.person();
    const email = `${username}@163.com`;
    await give(email, token);
    const link = await linkTo(email);
    const fields = { old_password: password, password: fresh, password2: fresh };
    const { token: next } = (await site.send("PUT", `/users/${id}/password/`, fields, token)).json();
    expect((await site.get(`/emails/verification/?token=${link}`)).statusCode).toBe(400);
    await give(email, next);
    const later = await linkTo(email);
    site.test.clock.advance(86_401);
    expect((await site.get(`/emails/verification/?token=${later}`)).json()).toEqual({
      message: "无效的token",
    });
  });

  it("a later address makes the earlier link worthless; an unconfirmed one gets no notices", async () => {
    const { username, token } = await site.person();
    await give(`${username}@163.com`, token);
    const link = await linkTo(`${username}@163.com`);
    await give(`${username}@126.com`, token);
    expect((await site.get(`/emails/verification/?token=${link}`)).statusCode).toBe(400);
    const before = site.test.mailbox.length;
    const { id } = (await site.get("/user/", token)).json();
    const fields = { old_password: password, password: fresh, password2: fresh };
    expect((await site.send("PUT", `/users/${id}/password/`, fields, token)).statusCode).toBe(200);
    await site.test.runJobs();
    const told = site.test.mailbox.slice(before).filter(({ kind }) => kind === "password_changed");
    expect(told).toEqual([]);
  });

  it("says what is wrong: no address, another account's, no token, a made-up one, too many", async () => {
    const { username, token } = await site.person();
    expect((await give("no address", token)).json()).toHaveProperty("email");
    await site.test.signUp({ username: `${username}y`, email: `${username}y@qq.com` });
    expect((await give(`${username}y@qq.com`, token)).json()).toHaveProperty("email");
    const missing = await site.get("/emails/verification");
    expect([missing.statusCode, missing.json()]).toEqual([400, { message: "缺少token" }]);
    for (const made of ["x", "a.b", `${Buffer.from("[1]").toString("base64url")}.x`]) {
      const answer = await site.get(`/emails/verification/?token=${made}`);
      expect([answer.statusCode, answer.json()]).toEqual([400, { message: "无效的token" }]);
    }
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await give(`${username}@163.com`, token)).statusCode);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await give(`${username}@163.com`, "x")).statusCode).toBe(401);
  });
});
