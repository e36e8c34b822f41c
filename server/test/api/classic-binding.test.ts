import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Classic, classicEnv, classicOf, password } from "../support/classic.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Rows 5 and 6 of the classic contract: third parties, bound by number. */
let third: ThirdPartyTest;
let site: Classic;
beforeAll(async () => {
  third = await startThirdPartyTest({ env: classicEnv });
  site = classicOf(third.test);
});
afterAll(() => third.close());

/** As the callback page does it: it hands on the code alone. */
async function firstLogIn(provider: string, person: "penguin" | "long" | "emoji" | "rtl" | "xiaomei") {
  const { code } = await third.authorize(provider, { person });
  const answer = await site.get(`/oauth/${provider}/user/?code=${code}`);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as { access_token: string; token?: string; user_id?: number };
}
const bind = (provider: string, payload: object) => site.send("POST", `/oauth/${provider}/user/`, payload);

describe("row 5", () => {
  it.each(["qq", "sina", "weibo"])(
    "%s: where to send the browser, with the path for its state",
    async (provider) => {
      for (const name of ["next", "state"]) {
        const answer = await site.get(`/oauth/${provider}/authorization/?${name}=/cart.html`);
        expect(answer.statusCode, answer.body).toBe(200);
        const { login_url, oauth_url, auth_url } = answer.json();
        expect([oauth_url, auth_url]).toEqual([login_url, login_url]);
        expect(new URL(login_url).searchParams.get("state")).toBe("/cart.html");
      }
    },
  );

  it("without a code is 400 with a message", async () => {
    const answer = await site.get("/oauth/qq/user/");
    expect([answer.statusCode, answer.json()]).toEqual([400, { message: "缺少code值" }]);
  });
});

describe("sina_callback", () => {
  it("its calls in their order, 5, 1, 3, 6, under the one name: bound to a known number, and in at once", async () => {
    const { id, username, mobile } = await site.person();
    const { access_token, token } = await firstLogIn("sina", "xiaomei");
    expect([typeof access_token, token]).toEqual(["string", undefined]);
    third.test.clock.advance(61);
    const picture = await site.picture();
    const sent = await site.get(`/sms_codes/${mobile}/?${picture}`);
    expect([sent.statusCode, sent.json()]).toEqual([200, { message: "OK" }]);
    // A picture is good once.
    const spent = await site.get(`/sms_codes/${mobile}/?${picture}`);
    expect([spent.statusCode, Object.keys(spent.json())]).toEqual([400, ["non_field_errors", "message"]]);
    const sms_code = await site.lastSms(mobile);
    const bound = await bind("sina", { mobile, password, sms_code, access_token });
    expect([bound.statusCode, bound.json()]).toMatchObject([
      200,
      { token: expect.any(String), user_id: id, id, username },
    ]);
    const again = await bind("sina", { mobile, password, sms_code, access_token });
    expect([again.statusCode, again.json().message]).toEqual([400, "无效的access_token"]);
    expect(await firstLogIn("sina", "xiaomei")).toMatchObject({ user_id: id, token: expect.any(String) });
  });

  it("an unknown number makes an account named as it", async () => {
    const { access_token } = await firstLogIn("sina", "rtl");
    const mobile = site.number();
    const sms_code = await site.code(mobile);
    const made = await bind("sina", { mobile, password, sms_code, access_token });
    expect([made.statusCode, made.json()]).toMatchObject([200, { username: mobile }]);
  });
});

describe("row 6", () => {
  it("makes an account of an unknown number, named as it, and logs in by the third party from then on", async () => {
    const { access_token } = await firstLogIn("qq", "penguin");
    const mobile = site.number();
    const sms_code = await site.code(mobile);
    const answer = await bind("qq", { mobile, password, sms_code, access_token });
    expect(answer.statusCode, answer.body).toBe(200);
    const { token, user_id } = answer.json();
    expect(answer.json()).toMatchObject({ token: expect.any(String), id: user_id, username: mobile });
    expect((await site.get("/user/", token)).json()).toMatchObject({
      mobile,
      mobile_verified: true,
      email: "",
    });
    const again = await firstLogIn("qq", "penguin");
    expect([again.user_id, typeof again.token]).toEqual([user_id, "string"]);
    const byPassword = await site.send("POST", "/users/authorizations/", { username: mobile, password });
    expect(byPassword.json()).toMatchObject({ user_id, id: user_id });
  });

  it("binds the account of a known number by its password; a wrong code or password uses no ticket up", async () => {
    const { id, username, mobile } = await site.person();
    const { access_token } = await firstLogIn("sina", "long");
    const sms_code = await site.code(mobile);
    const wrong = sms_code === "000000" ? "111111" : "000000";
    const ask = (change: object) => bind("weibo", { mobile, password, sms_code, access_token, ...change });
    for (const [change, text] of [
      [{ sms_code: wrong }, "短信验证码错误"],
      [{ password: "wrong-8Bb" }, "密码错误"],
      [{ access_token: "x".repeat(43) }, "无效的access_token"],
    ] as const) {
      const answer = await ask(change);
      expect([answer.statusCode, answer.json().message]).toEqual([400, text]);
    }
    const bound = await ask({});
    expect([bound.statusCode, bound.json()]).toMatchObject([200, { user_id: id, id, username }]);
    expect((await ask({})).statusCode).toBe(400);
  });

  it("names the fields that are missing, of the number's pair alone", async () => {
    const { access_token } = await firstLogIn("qq", "emoji");
    const answer = await bind("qq", { mobile: site.number(), password, access_token });
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ["sms_code", "message"]]);
    const bad = await bind("qq", { mobile: "123", password, sms_code: "123456", access_token });
    expect(Object.keys(bad.json())).toEqual(["mobile", "message"]);
  });

  it("an unproved number carries no binding to the account that merely claims it", async () => {
    const { id, token, mobile: own } = await site.person();
    const mobile = site.number();
    site.test.clock.advance(61);
    const old_sms_code = await third.test.smsCodeFor(own, token);
    const payload = { mobile, current_password: password, old_sms_code };
    expect((await site.test.as(token)({ method: "PATCH", url: "/user/", payload })).statusCode).toBe(200);
    const { access_token } = await firstLogIn("qq", "rtl");
    const sms_code = await site.code(mobile);
    const answer = await bind("qq", { mobile, password, sms_code, access_token });
    expect([answer.statusCode, answer.json().user_id === id]).toEqual([200, false]);
    expect((await site.get("/user/", token)).json().mobile).toBe("");
  });
});

describe("a user name that is the number", () => {
  it("follows another number, and is made anew where there is none any more", async () => {
    const { access_token } = await firstLogIn("qq", "xiaomei");
    const mobile = site.number();
    const { token } = (
      await bind("qq", { mobile, password, sms_code: await site.code(mobile), access_token })
    ).json();
    const next = site.number();
    const oldCode = (number: string) => {
      site.test.clock.advance(61);
      return third.test.smsCodeFor(number, token);
    };
    site.test.clock.advance(61);
    const sms_code = await third.test.smsCodeFor(next, token);
    const changed = await site.send(
      "PUT",
      "/user/mobile/",
      { mobile: next, sms_code, current_password: password, old_sms_code: await oldCode(mobile) },
      token,
    );
    expect([changed.statusCode, changed.json()]).toMatchObject([200, { username: next, mobile: next }]);
    const old_sms_code = await oldCode(next);
    const payload = { mobile: null, current_password: password, old_sms_code };
    const left = await site.test.as(token)({ method: "PATCH", url: "/user/", payload });
    expect(left.json().username).toMatch(/^user\d{8}$/);
    // Whoever has the numbers next can sign up with them.
    for (const number of [mobile, next]) {
      const fields = {
        username: `next${number}`.slice(0, 15),
        mobile: number,
        sms_code: await site.code(number),
      };
      const secrets = { password, password2: password, allow: "true" };
      const answer = await site.send("POST", "/users/", { ...fields, ...secrets });
      expect(answer.statusCode, answer.body).toBe(201);
    }
  });
});
