import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("the language and the form of errors", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  const logIn = (headers: Record<string, string>, payload: object = {}) =>
    test.anonymous({ method: "POST", url: "/users/authorizations/", payload, headers });

  it.each([
    [undefined, "zh"],
    ["", "zh"],
    ["en", "en"],
    ["en-US,en;q=0.9", "en"],
    ["EN-gb", "en"],
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    ["en;q=0.5,zh;q=0.9", "zh"],
    // Whoever names other languages alone reads English more likely than Chinese.
    ["fr,de;q=0.8", "en"],
    ["th", "en"],
    ["ja", "ja"],
    ["ja-JP,ja;q=0.9", "ja"],
    ["fr;q=0", "zh"],
    ["fr,*;q=0.5", "zh"],
    ["en;q=0.4,*;q=0.5", "zh"],
    ["zh-TW", "zh-Hant"],
    ["zh-HK", "zh-Hant"],
    ["zh-MO,zh;q=0.9", "zh-Hant"],
    ["zh-Hant-HK,en;q=0.8", "zh-Hant"],
    ["zh-SG", "zh"],
    ["zh-Hans-TW", "zh"],
    ["zh", "zh"],
    ["fr,en;q=0.1", "en"],
    ["en;q=0,zh", "zh"],
    ["*", "zh"],
    [";;;,,q=", "zh"],
  ])("Accept-Language %j reads %s", async (header, language) => {
    const answer = await logIn(header === undefined ? {} : { "accept-language": header });
    const text = {
      zh: "该字段是必填项。",
      "zh-Hant": "此欄位為必填。",
      ja: "この項目は必須です。",
      en: "This field is required.",
    }[language];
    expect(answer.json()).toEqual({ username: [text], password: [text], message: text });
    expect(answer.headers["content-language"]).toBe(language === "zh" ? "zh-Hans" : language);
  });

  it("speaks English in every kind of error", async () => {
    const headers = { "accept-language": "en" };
    const read = async (url: string, method: "GET" | "POST" = "GET") =>
      (await test.anonymous({ url, method, headers })).json();
    expect(await read("/nope/")).toMatchObject({ detail: "Not found." });
    expect(await read("/users/")).toMatchObject({ detail: "Method “GET” not allowed." });
    expect(await read("/user/")).toMatchObject({
      detail: "Authentication credentials were not provided.",
    });
    expect(await read("/users/emails/x/count/")).toMatchObject({ email: ["Enter a valid email address."] });
    expect((await logIn(headers, { username: "nobody", password: "x" })).json()).toMatchObject({
      non_field_errors: ["Unable to log in with provided credentials."],
    });
  });

  it("answers problem+json (RFC 9457) where it is asked for", async () => {
    const headers = { accept: "application/problem+json, application/json;q=0.5" };
    const answer = await logIn(headers, { username: "", password: null });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toEqual({
      type: "urn:meiduo:error:invalid_fields",
      title: "请检查填写的内容。",
      status: 400,
      code: "invalid_fields",
      fields: [
        { field: "username", code: "blank", message: "该字段不能为空。" },
        { field: "password", code: "null", message: "该字段不能为 null。" },
      ],
      requestId: answer.headers["x-request-id"],
    });
    const refused = await test.anonymous({ url: "/user/", headers });
    expect(refused.json()).toMatchObject({ status: 401, code: "not_authenticated", fields: [] });
    expect(refused.headers["www-authenticate"]).toBe('JWT realm="api"');
    const missing = await test.anonymous({ url: "/nope/", headers });
    expect(missing.json()).toMatchObject({ status: 404, code: "not_found" });
    const success = await test.anonymous({ url: "/test/", headers });
    expect(success.headers["content-type"]).toMatch(/^application\/json/);
  });
});

describe.each([
  ["en", { silent: "en", others: "en" }],
  ["zh", { silent: "zh", others: "zh" }],
] as const)("with DEFAULT_LANGUAGE=%s", (setting, expected) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({ env: { DEFAULT_LANGUAGE: setting } });
  });
  afterAll(() => test.close());

  it.each([
    [undefined, expected.silent],
    ["*", expected.silent],
    ["th", expected.others],
    ["en", "en"],
  ])("Accept-Language %j reads %s, in errors and in mails", async (header, language) => {
    const headers = header === undefined ? {} : { "accept-language": header };
    // The router refuses the second on its own, before any hook.
    for (const url of ["/nope/", "/%ff/"]) {
      const answer = await test.anonymous({ url, headers });
      expect([url, answer.headers["content-language"]]).toEqual([url, language === "zh" ? "zh-Hans" : "en"]);
    }
    const email = `${setting}-${language}-${(header ?? "none").replace(/\W/g, "x")}@example.com`;
    const asked = await test.anonymous({ url: `/verifications/email_codes/${email}/`, headers });
    expect(asked.statusCode).toBe(200);
    await test.runJobs();
    expect(/[\u4e00-\u9fff]{4}/.test(test.mailbox.at(-1)!.text)).toBe(language === "zh");
  });
});
