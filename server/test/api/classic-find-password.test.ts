import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Classic, password, startClassic } from "../support/classic.ts";

/** Rows 7 to 10 of the classic contract: a forgotten password in four steps, with tickets of separate purposes. */
let site: Classic;
beforeAll(async () => {
  site = await startClassic();
});
afterAll(() => site.test.close());

const fresh = "another-8Bb";
const secrets = { password: fresh, password2: fresh };
const begin = async (name: string, query?: string, slash = "/") =>
  site.get(`/accounts/${encodeURIComponent(name)}/sms/token${slash}?${query ?? (await site.picture())}`);
const prove = (name: string, code: string) => site.get(`/accounts/${name}/password/token/?sms_code=${code}`);
const logIn = (username: string, typed: string) =>
  site.send("POST", "/users/authorizations/", { username, password: typed });

/** As far as the ticket that sets the password. */
async function proved(name: string, mobile: string) {
  const { access_token: ticket } = (await begin(name)).json();
  site.test.clock.advance(61);
  expect((await site.get(`/sms_codes/?access_token=${ticket}`)).statusCode).toBe(200);
  const code = await site.lastSms(mobile);
  const answer = await prove(name, code);
  expect(answer.statusCode, answer.body).toBe(200);
  return { ticket: ticket as string, code, set: answer.json() as { user_id: number; access_token: string } };
}

it("the four steps set a password, end every session, and tell the owner", async () => {
  const { id, username, mobile, token } = await site.person();
  const begun = await begin(username);
  expect([begun.statusCode, begun.json()]).toEqual([
    200,
    { mobile: `${mobile.slice(0, 3)}****${mobile.slice(-4)}`, access_token: expect.any(String) },
  ]);
  site.test.clock.advance(61);
  const { access_token: first } = begun.json();
  const sent = await site.get(`/sms_codes?access_token=${first}`);
  expect([sent.statusCode, sent.json()]).toEqual([200, { message: "OK" }]);
  const code = await site.lastSms(mobile);
  const shown = await site.get(`/accounts/${username}/password/token?sms_code=${code}`);
  expect([shown.statusCode, shown.json()]).toEqual([200, { user_id: id, access_token: expect.any(String) }]);
  const { access_token } = shown.json();
  const set = await site.send("POST", `/users/${id}/password`, { ...secrets, access_token });
  expect([set.statusCode, set.json()]).toEqual([200, { message: "OK" }]);
  expect((await site.get("/user/", token)).statusCode).toBe(401);
  expect((await logIn(username, password)).statusCode).toBe(400);
  const entered = await logIn(mobile, fresh);
  expect([entered.statusCode, entered.json().id]).toEqual([200, id]);
});

it("takes the number for the name, and either name of the picture's text", async () => {
  const { id, mobile } = await site.person();
  const query = (await site.picture()).replace("text=", "image_code=");
  expect((await begin(mobile, query, "")).statusCode).toBe(200);
  const { set } = await proved(mobile, mobile);
  expect(set.user_id).toBe(id);
});

describe("row 7, who it is", () => {
  it("asks for the picture first, whoever it is: the same answer for known and unknown", async () => {
    const { username } = await site.person();
    for (const name of [username, "nobody-there"]) {
      const wrong = (await site.picture()).replace(/text=\w+/, "text=WWWW");
      expect((await begin(name, wrong)).json()).toEqual({
        ...{ non_field_errors: ["图片验证码错误"], message: "图片验证码错误" },
      });
      const gone = await begin(name, `text=ABCD&image_code_id=${randomUUID()}`);
      expect([gone.statusCode, gone.json().message]).toEqual([400, "无效的图片验证码"]);
      expect((await begin(name, "")).statusCode).toBe(400);
    }
  });

  it("is 404 with a message without an account, a number, a proof of the number, or where it is disabled", async () => {
    const name = "byaddress1";
    const other = await startClassic({ env: { SIGN_UP_BY: "email,mobile" } });
    try {
      const { token } = await other.test.signUp({ username: name, email: `${name}@qq.com` });
      const ask = async (asked: string) =>
        other.get(`/accounts/${asked}/sms/token/?${await other.picture()}`);
      expect((await ask(name)).statusCode).toBe(404);
      const mobile = other.number();
      const payload = { mobile, current_password: password };
      await other.test.as(token)({ method: "PATCH", url: "/user/", payload });
      // Merely written there: it carries no code.
      for (const asked of [name, mobile, "nobody-there"]) {
        const answer = await ask(asked);
        expect([asked, answer.statusCode, answer.json()]).toEqual([asked, 404, { message: "此账户不存在" }]);
      }
      const person = await other.person();
      await other.test.app.db.kysely
        .updateTable("users")
        .set({ is_active: 0 })
        .where("id", "=", person.id)
        .execute();
      expect((await ask(person.username)).statusCode).toBe(404);
    } finally {
      await other.test.close();
    }
  });

  it("has a limit of each network, behind the picture and before the account", async () => {
    const limited = await startClassic({ env: { FIND_PASSWORD_LIMIT: "3" } });
    try {
      const ask = async () => limited.get(`/accounts/nobody-there/sms/token/?${await limited.picture()}`);
      for (let i = 0; i < 3; i++) expect((await ask()).statusCode).toBe(404);
      const full = await ask();
      expect([full.statusCode, Number(full.headers["retry-after"]) > 0]).toEqual([429, true]);
      const guesses = [];
      for (let i = 0; i < 4; i++)
        guesses.push(
          (await limited.get("/accounts/nobody-there/password/token/?sms_code=000000")).statusCode,
        );
      expect(guesses).toEqual([404, 404, 404, 429]);
    } finally {
      await limited.test.close();
    }
  });
});

describe("row 8, the code", () => {
  it("goes out again by the same ticket, but once in 60 s", async () => {
    const { username, mobile } = await site.person();
    const { access_token: ticket } = (await begin(username)).json();
    const ask = () => site.get(`/sms_codes/?access_token=${ticket}`);
    expect((await ask()).statusCode).toBe(200);
    const early = await ask();
    expect([early.statusCode, early.json()]).toEqual([400, { message: "频繁发送短信" }]);
    expect(Number(early.headers["retry-after"])).toBeGreaterThan(50);
    site.test.clock.advance(61);
    expect((await ask()).statusCode).toBe(200);
    await site.test.runJobs();
    expect(await site.lastSms(mobile)).toMatch(/^\d{6}$/);
  });

  it("is refused for a ticket that is made up, missing, or ten minutes old", async () => {
    const { username } = await site.person();
    const { access_token: ticket } = (await begin(username)).json();
    site.test.clock.advance(601);
    for (const token of ["x".repeat(43), ticket]) {
      const answer = await site.get(`/sms_codes/?access_token=${token}`);
      expect([answer.statusCode, answer.json()]).toEqual([400, { message: "无效的access_token" }]);
    }
    expect((await site.get("/sms_codes/")).json()).toHaveProperty("message");
  });

  it("one of another purpose is none for this: not the sign-up's, and this is none to sign up", async () => {
    const { username, mobile } = await site.person();
    const register = await site.code(mobile);
    expect((await prove(username, register)).statusCode).toBe(400);
  });
});

describe("row 9, the code typed", () => {
  it("is 400 for a wrong one, five times at most, and 404 without an account", async () => {
    const { username, mobile } = await site.person();
    const { access_token: ticket } = (await begin(username)).json();
    site.test.clock.advance(61);
    await site.get(`/sms_codes/?access_token=${ticket}`);
    const code = await site.lastSms(mobile);
    const wrong = code === "000000" ? "111111" : "000000";
    for (let i = 0; i < 5; i++) {
      const answer = await prove(username, wrong);
      expect([answer.statusCode, answer.json().message]).toEqual([400, "短信验证码错误"]);
    }
    expect((await prove(username, code)).json().message).toBe("无效的短信验证码");
    expect((await prove("nobody-there", code)).statusCode).toBe(404);
  });

  it("uses the code up", async () => {
    const { username, mobile } = await site.person();
    const { code } = await proved(username, mobile);
    expect((await prove(username, code)).json().message).toBe("无效的短信验证码");
  });
});

describe("row 10, the new password", () => {
  it("takes the ticket of the typed code alone: not the first one, not another account's", async () => {
    const [one, other] = [await site.person(), await site.person()];
    const { ticket, set } = await proved(one.username, one.mobile);
    const ask = (id: number, access_token: string, more = {}) =>
      site.send("POST", `/users/${id}/password/`, { ...secrets, access_token, ...more });
    // Attack: with a solved picture alone the original's first ticket set the password.
    for (const answer of [
      await ask(one.id, ticket),
      await ask(other.id, set.access_token),
      await ask(one.id, "x"),
    ]) {
      expect([answer.statusCode, answer.json()]).toEqual([400, { message: "无效的access_token" }]);
    }
    // And the other way round: it sends no codes.
    site.test.clock.advance(61);
    expect((await site.get(`/sms_codes/?access_token=${set.access_token}`)).statusCode).toBe(400);
    expect((await ask(one.id, set.access_token, { password2: "different-8Bb" })).json().message).toBe(
      "两次密码不一致",
    );
    expect(
      (await ask(one.id, set.access_token, { password: "12345678", password2: "12345678" })).statusCode,
    ).toBe(400);
    expect((await ask(one.id, set.access_token)).statusCode).toBe(200);
    expect((await ask(one.id, set.access_token)).json()).toEqual({ message: "无效的access_token" });
    expect((await logIn(other.username, password)).statusCode).toBe(200);
  });

  it("a ticket ends with the account's credentials", async () => {
    const { id, username, mobile, token } = await site.person();
    const { set } = await proved(username, mobile);
    await site.send("POST", "/user/tokens/end/", {}, token);
    const answer = await site.send("POST", `/users/${id}/password/`, { ...secrets, ...set });
    expect(answer.statusCode).toBe(400);
  });
});
