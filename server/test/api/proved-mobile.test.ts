import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const current_password = "12345678aA";

describe("a proved number", () => {
  let test: TestApp;
  let people = 0;
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  async function person() {
    people += 1;
    const { token, id } = await test.signUp({ username: `person${people}`, email: `p${people}@qq.com` });
    const as = test.as(token);
    const profile = async () => (await as({ url: "/user/" })).json() as Record<string, unknown>;
    const prove = (mobile: string, sms_code: string, extra: object = { current_password }) =>
      as({ method: "PUT", url: "/user/mobile/", payload: { mobile, sms_code, ...extra } });
    const patch = (payload: object) =>
      as({ method: "PATCH", url: "/user/", payload: { ...payload, current_password } });
    return { id, token, profile, prove, patch };
  }

  it("comes of a code that came back, and is one to log in by", async () => {
    const { token, prove, profile } = await person();
    expect(await profile()).toMatchObject({ mobile: null, mobile_verified: false });
    const code = await test.smsCodeFor("13800138000", token);
    const answer = await prove("13800138000", code);
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { mobile: "13800138000", mobile_verified: true },
    ]);
    const logIn = { username: "13800138000", password: current_password };
    expect(
      (await test.anonymous({ method: "POST", url: "/users/authorizations/", payload: logIn })).statusCode,
    ).toBe(200);
  });

  it("needs the present password, the right code, and uses the code up", async () => {
    const { token, prove, profile } = await person();
    const code = await test.smsCodeFor("13800138001", token);
    const wrong = code === "000000" ? "000001" : "000000";
    expect((await prove("13800138001", code, {})).json()).toMatchObject({
      current_password: ["该字段是必填项。"],
    });
    expect((await prove("13800138001", code, { current_password: "wrong" })).statusCode).toBe(400);
    expect((await prove("13800138001", wrong)).json()).toMatchObject({
      non_field_errors: ["短信验证码错误"],
    });
    expect((await prove("13800138002", code)).json()).toMatchObject({
      non_field_errors: ["无效的短信验证码"],
    });
    expect(await profile()).toMatchObject({ mobile: null, mobile_verified: false });
    expect((await prove("13800138001", code)).statusCode).toBe(200);
    expect((await prove("13800138001", code)).json()).toMatchObject({
      non_field_errors: ["无效的短信验证码"],
    });
  });

  it("takes five tries, and a code that is not for it none", async () => {
    const { token, prove } = await person();
    const code = await test.smsCodeFor("13800138003", token);
    const wrong = code === "000000" ? "000001" : "000000";
    for (let i = 0; i < 5; i++) expect((await prove("13800138003", wrong)).statusCode).toBe(400);
    expect((await prove("13800138003", code)).json()).toMatchObject({
      non_field_errors: ["无效的短信验证码"],
    });
    const mailed = await test.codeFor("13800138003@qq.com", "changeEmail", token);
    expect((await prove("13800138004", mailed)).statusCode).toBe(400);
  });

  it("is no longer one after five minutes", async () => {
    const { token, prove } = await person();
    const code = await test.smsCodeFor("13800138005", token);
    test.clock.advance(301);
    expect((await prove("13800138005", code)).json()).toMatchObject({
      non_field_errors: ["无效的短信验证码"],
    });
  });

  it("that was given without a code proves nothing, and can be proved later", async () => {
    const { token, prove, profile, patch } = await person();
    expect((await patch({ mobile: "13800138010" })).statusCode).toBe(200);
    expect(await profile()).toMatchObject({ mobile: "13800138010", mobile_verified: false });
    const code = await test.smsCodeFor("13800138010", token);
    expect((await prove("13800138010", code)).statusCode).toBe(200);
    expect(await profile()).toMatchObject({ mobile: "13800138010", mobile_verified: true });
    // Forms send back what they showed.
    expect((await patch({ mobile: "13800138010", first_name: "三" })).statusCode).toBe(200);
    expect(await profile()).toMatchObject({ mobile_verified: true });
  });

  it("is proved no more once it was replaced or removed, also where it comes back", async () => {
    const { token, prove, profile, patch } = await person();
    await prove("13800138011", await test.smsCodeFor("13800138011", token));
    test.clock.advance(61);
    await patch({ mobile: "13800138012", old_sms_code: await test.smsCodeFor("13800138011", token) });
    expect(await profile()).toMatchObject({ mobile: "13800138012", mobile_verified: false });
    await patch({ mobile: "13800138011" });
    expect(await profile()).toMatchObject({ mobile: "13800138011", mobile_verified: false });
    await patch({ mobile: null });
    expect(await profile()).toMatchObject({ mobile: null, mobile_verified: false });
  });

  it("is not proved by a change of the row by somebody who knows nothing of it", async () => {
    const { id, token, prove, profile } = await person();
    await prove("13800138013", await test.smsCodeFor("13800138013", token));
    // As a program from before the column writes it.
    await test.app.db.kysely
      .updateTable("users")
      .set({ mobile: "13800138014" })
      .where("id", "=", id)
      .execute();
    expect(await profile()).toMatchObject({ mobile: "13800138014", mobile_verified: false });
  });

  it("is one account's: another is refused with the right code, and the code stays usable", async () => {
    const [first, second] = [await person(), await person()];
    await first.prove("13800138015", await test.smsCodeFor("13800138015", first.token));
    test.clock.advance(61);
    const code = await test.smsCodeFor("13800138015", second.token);
    expect((await second.prove("13800138015", code)).json()).toMatchObject({
      mobile: ["该手机号已被使用。"],
    });
    expect(await second.profile()).toMatchObject({ mobile: null });
    expect((await first.prove("13800138015", code)).statusCode).toBe(200);
  });
});
