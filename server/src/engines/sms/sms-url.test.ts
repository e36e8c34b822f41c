import { expect, it, test } from "vitest";
import { readConfig } from "../../config/config.ts";
import { settingProblems } from "../../errors/setting-problem.ts";
import { readTemplateIds, readTemplateParameters, templateParameters } from "./sms-templates.ts";
import { parseSmsUrl, smsHost } from "./sms-url.ts";

it("says by its scheme by whom SMS go out", () => {
  const aliyun = parseSmsUrl("aliyun://LTAI1:s+e/c=@dysmsapi.aliyuncs.com");
  expect(aliyun).toEqual({
    ...{ by: "aliyun", url: "https://dysmsapi.aliyuncs.com", key: { id: "LTAI1", secret: "s+e/c=" } },
  });
  expect(smsHost(aliyun)).toBe("dysmsapi.aliyuncs.com");
  expect(parseSmsUrl("tencent://AKID:k@sms.tencentcloudapi.com?app=1400006666")).toMatchObject({
    ...{ url: "https://sms.tencentcloudapi.com", app: "1400006666", region: "ap-guangzhou" },
  });
  expect(parseSmsUrl("yunpian://key@sms.yunpian.com")).toMatchObject({ apiKey: "key" });
  for (const from of ["+15017122661", "%2B15017122661", "15017122661"]) {
    const twilio = parseSmsUrl(`twilio://AC1:token@api.twilio.com?from=${from}`);
    expect(twilio).toMatchObject({ url: "https://api.twilio.com", from: "+15017122661" });
  }
  const hook = parseSmsUrl(`hook+https://whsec_${"a".repeat(32)}@sms.example.com/send?site=1`);
  expect(hook).toMatchObject({ url: "https://sms.example.com/send?site=1" });
  expect(parseSmsUrl("aliyun+http://a:b@127.0.0.1:8025")).toMatchObject({ url: "http://127.0.0.1:8025" });
});

test.each([
  ["aliyun://dysmsapi.aliyuncs.com", "smsForm"],
  ["aliyun://LTAI1@dysmsapi.aliyuncs.com", "smsForm"],
  ["aliyun://LTAI1:@dysmsapi.aliyuncs.com", "smsForm"],
  ["carrier://a:b@sms.example.com", "smsForm"],
  ["aliyun+http://LTAI1:secret@dysmsapi.aliyuncs.com", "mailPlain"],
  ["tencent://AKID:secret@sms.tencentcloudapi.com", "smsParameter"],
  ["tencent://AKID:secret@sms.tencentcloudapi.com?app=name", "smsParameter"],
  ["twilio://AC1:secret@api.twilio.com", "smsParameter"],
  ["twilio://AC1@api.twilio.com?from=+15017122661", "smsForm"],
  ["hook+https://short@sms.example.com/", "hookSecret"],
  ["yunpian://sms.yunpian.com", "smsForm"],
  ["aliyun://%zz:secret@dysmsapi.aliyuncs.com", "smtpPercent"],
] as const)("%s is refused, without its secret", (url, code) => {
  const [words = ""] = settingProblems[code].en.split("{");
  expect(() => parseSmsUrl(url)).toThrow(words);
});

it("templates are found by purpose, and get what they are filled with as texts", () => {
  const message = { purpose: "register", code: "012345", minutes: 5 };
  const templates = {
    ids: readTemplateIds("changeMobile=SMS_1, *=SMS_2"),
    parameters: readTemplateParameters("code,min=minutes"),
  };
  expect(templateParameters(templates, message)).toEqual({
    ...{ id: "SMS_2", parameters: { code: "012345", min: "5" } },
  });
  expect(templateParameters(templates, { ...message, purpose: "changeMobile" }).id).toBe("SMS_1");
  expect(readTemplateIds("SMS_9")).toEqual({ "*": "SMS_9" });
  const one = { ...templates, ids: readTemplateIds("changeMobile=SMS_1") };
  expect(() => templateParameters(one, message)).toThrow("register");
});

test.each(["a=b=c", "a=SMS_1,a=SMS_2", "=SMS_1", "changeMobile=", "SMS 1"])(
  "templates %j are refused",
  (raw) => expect(() => readTemplateIds(raw)).toThrow("must look like changeMobile=SMS_123456"),
);
test.each(["name", "code=password", "minutes;code"])("parameters %j are refused", (raw) =>
  expect(() => readTemplateParameters(raw)).toThrow("must list what templates are filled with"),
);

const aliyun = { SMS_URL: "aliyun://LTAI1:secret@dysmsapi.aliyuncs.com" };
test.each([
  ["an unknown scheme", { SMS_URL: "carrier://a:secret@sms.example.com" }, "aliyun:", "SMS_URL"],
  ["no template", { ...aliyun, SMS_SIGN_NAME: "美多" }, "changeMobile=SMS_123456", "SMS_TEMPLATES"],
  [
    "a template for something else alone",
    { ...aliyun, SMS_SIGN_NAME: "美多", SMS_TEMPLATES: "somethingElse=SMS_1" },
    "changeMobile=SMS_123456",
    "SMS_TEMPLATES",
  ],
  ["no signature", { ...aliyun, SMS_TEMPLATES: "SMS_1" }, "【】", "SMS_SIGN_NAME"],
])("%s is told at the start in both languages, with what to write", (_, env, words, variable) => {
  const problems = problemsOf(env);
  expect(problems.map(({ variable: name }) => name)).toEqual([variable]);
  for (const text of [problems[0]!.zh, problems[0]!.message]) {
    expect(text).toContain(words);
    expect(text).not.toContain("secret");
  }
});

function problemsOf(env: Record<string, string>) {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as { problems: { variable: string; zh: string; message: string }[] }).problems;
  }
}
