import { createHmac } from "node:crypto";
import type { SmsRefusal } from "../../src/engines/sms/sms.ts";
import { aliyun, dypns } from "./aliyun-sms-vendors.ts";
import type { Received, ServiceReply } from "./imitated-service.ts";
import { expectEqual, type ImitatedVendor, says, sha256 } from "./imitated-sms.ts";

/** Every vendor that SMS_URL may name, imitated. */

/** Tencent's gateway: by the day's key, within five minutes. */
function checkTc3({ method, path, headers, body }: Received, secret: string): void {
  const [, day = "", service = "", signature] =
    /^TC3-HMAC-SHA256 Credential=AKIDtest\/([\d-]{10})\/(\w+)\/tc3_request, SignedHeaders=content-type;host, Signature=(\w{64})$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  const time = String(headers["x-tc-timestamp"]);
  expectEqual("day", day, new Date(Number(time) * 1000).toISOString().slice(0, 10));
  expectEqual("version", headers["x-tc-version"], "2021-01-11");
  const signed = `content-type:${headers["content-type"]}\nhost:${headers.host}\n\ncontent-type;host`;
  const canonical = `${method}\n${path}\n\n${signed}\n${sha256(body)}`;
  const scope = `${day}/${service}/tc3_request`;
  const by = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const key = by(by(by(`TC3${secret}`, day), service), "tc3_request");
  const right = by(key, `TC3-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString("hex");
  expectEqual("signature", signature, right);
}

const ofNumber = (Code: string): ServiceReply =>
  says(200, {
    Response: {
      SendStatusSet: [
        { SerialNo: "", PhoneNumber: "+8613800138000", Fee: 0, Code, Message: "to 13800138000" },
      ],
      RequestId: "r",
    },
  });
const ofRequest = (Code: string): ServiceReply =>
  says(200, { Response: { Error: { Code, Message: "for 13800138000" }, RequestId: "r" } });

const tencent: ImitatedVendor = {
  env: (host) => ({
    SMS_URL: `tencent+http://AKIDtest:secret_test@${host}?app=1400006666`,
    ...{ SMS_SIGN_NAME: "美多商城", SMS_TEMPLATES: "changeMobile=1234,*=1235" },
  }),
  taken: says(200, {
    Response: {
      SendStatusSet: [
        { SerialNo: "5000:1045710669157053657849499619", PhoneNumber: "+8613800138000", Fee: 1, Code: "Ok" },
      ],
      RequestId: "r",
    },
  }),
  providerId: "5000:1045710669157053657849499619",
  refusals: [
    ["half a minute's limit", ofNumber("LimitExceeded.PhoneNumberThirtySecondLimit"), "later"],
    ["a limit of the site's own", ofNumber("LimitExceeded.DeliveryFrequencyLimit"), "later"],
    ["an hour's limit", ofNumber("LimitExceeded.PhoneNumberOneHourLimit"), "too_often"],
    ["a day's limit", ofNumber("LimitExceeded.PhoneNumberDailyLimit"), "too_often"],
    ["a day's limit of one text", ofNumber("LimitExceeded.PhoneNumberSameContentDailyLimit"), "too_often"],
    ["who wants nothing more", ofNumber("FailedOperation.PhoneNumberInBlacklist"), "number"],
    ["a wrong number", ofNumber("InvalidParameterValue.IncorrectPhoneNumber"), "number"],
    ["a wrong signature", ofNumber("FailedOperation.SignatureIncorrectOrUnapproved"), "signature"],
    ["a wrong template", ofNumber("FailedOperation.TemplateIncorrectOrUnapproved"), "template"],
    [
      "values that don't fit",
      ofNumber("FailedOperation.TemplateParamSetNotMatchApprovedTemplate"),
      "template",
    ],
    [
      "a value with more than digits",
      ofNumber("InvalidParameterValue.TemplateParameterFormatError"),
      "template",
    ],
    ["an empty package", ofNumber("FailedOperation.InsufficientBalanceInSmsPackage"), "balance"],
    ["an account in debt", ofRequest("UnauthorizedOperation.SerivceSuspendDueToArrears"), "balance"],
    ["a word that is barred", ofNumber("FailedOperation.ContainSensitiveWord"), "content"],
    ["another application", ofRequest("UnauthorizedOperation.SmsSdkAppIdVerifyFail"), "account"],
    ["a network that may not", ofRequest("UnauthorizedOperation.RequestIpNotInWhitelist"), "key"],
    ["another secret", ofRequest("AuthFailure.SignatureFailure"), "key"],
    ["an unknown key", ofRequest("AuthFailure.SecretIdNotFound"), "key"],
    ["a moment's trouble", ofRequest("InternalError.SendAndRecvFail"), "again"],
    ["too many at once", ofRequest("RequestLimitExceeded"), "later"],
    ["a gateway's trouble", [502, "<html>"], "again"],
  ],
  read(request) {
    checkTc3(request, "secret_test");
    const sent = JSON.parse(request.body) as {
      readonly PhoneNumberSet: readonly string[];
      readonly SmsSdkAppId: string;
      readonly SignName: string;
      readonly TemplateId: string;
      readonly TemplateParamSet: readonly string[];
      readonly SessionContext: string;
    };
    expectEqual("application", sent.SmsSdkAppId, "1400006666");
    expectEqual("signature of the site", sent.SignName, "美多商城");
    expectEqual(
      "parameters",
      sent.TemplateParamSet.every((one) => /^\d{0,6}$/.test(one)),
      true,
    );
    return {
      ...{ to: sent.PhoneNumberSet.join(), template: sent.TemplateId, values: sent.TemplateParamSet },
      id: sent.SessionContext,
    };
  },
  sends: ({ headers }) => headers["x-tc-action"] === "SendSms",
  secrets: /secret_test/,
};

const code = (
  status: number,
  number: number,
  msg: string,
  detail = "13800138000 【美多】402758",
): ServiceReply => says(status, { http_status_code: status, code: number, msg, detail });

const yunpian: ImitatedVendor = {
  env: (host) => ({ SMS_URL: `yunpian+http://key_hunter2@${host}`, SMS_SIGN_NAME: "美多商城" }),
  taken: says(200, {
    code: 0,
    msg: "发送成功",
    count: 1,
    fee: 0.05,
    unit: "RMB",
    mobile: "1",
    // Beyond what a number of JavaScript holds.
    sid: (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON("9007199254740993123"),
  }),
  providerId: "9007199254740993123",
  refusals: [
    ["half a minute's limit", code(400, 8, "同一手机号30秒内重复提交相同的内容"), "later"],
    ["an hour's limit", code(400, 22, "1小时内同一手机号发送次数超过限制"), "too_often"],
    ["a day's limit", code(400, 17, "24小时内同一手机号发送次数超过限制"), "too_often"],
    ["an empty account", code(400, 3, "账户余额不足"), "balance"],
    ["a text that no template has", code(400, 5, "未自动匹配到合适的模板"), "template"],
    ["a wrong signature", code(400, 48, "签名未报备"), "signature"],
    ["a signature that does not match", code(400, 15, "签名不匹配"), "signature"],
    ["a signature in no known form", code(400, 16, "签名格式不正确"), "signature"],
    [
      "a wrong number",
      code(400, 2, "请求参数格式错误", "参数 mobile 格式不正确，mobile=13800138000格式不正确"),
      "number",
    ],
    [
      "a text in a wrong form",
      code(400, 2, "请求参数格式错误", "参数 text 格式不正确，402758: for your mobile"),
      "template",
    ],
    ["a number on its black list", code(400, 10, "手机号黑名单过滤"), "number"],
    ["the same text three times in five minutes", code(400, 9, "5分钟内重复提交相同内容超过3次"), "later"],
    ["too many calls at once", code(400, -5, "访问频率超限"), "later"],
    ["a word that is barred", code(400, 4, "关键词屏蔽"), "content"],
    ["a country that is not supported", code(400, 20, "暂不支持的国家地区"), "number"],
    ["another key", code(400, -1, "非法的apikey"), "key"],
    ["a network that may not", code(400, -3, "IP没有权限"), "key"],
    ["a moment's trouble", code(400, -50, "未知异常"), "again"],
    ["a gateway's trouble", [502, "<html>"], "again"],
  ],
  read({ path, method, body }) {
    expectEqual("address", `${method} ${path}`, "POST /v2/sms/single_send.json");
    const form = new URLSearchParams(body);
    expectEqual("key", form.get("apikey"), "key_hunter2");
    const text = form.get("text") ?? "";
    expectEqual("signature of the site", /^(【[^】]*】)(?!【)/.exec(text)?.[1], "【美多商城】");
    return { to: form.get("mobile") ?? "", template: "", values: [text], id: form.get("uid") ?? "" };
  },
  sends: ({ path }) => path.includes("/sms/"),
  secrets: /hunter2/,
};

const twilioCode = (status: number, number: number): ServiceReply =>
  says(status, {
    ...{ code: number, message: "The number +8613800138000 is …", status },
    more_info: `https://www.twilio.com/docs/errors/${number}`,
  });
const sid = `AC${"a".repeat(32)}`;

const twilio: ImitatedVendor = {
  env: (host) => ({ SMS_URL: `twilio+http://${sid}:token_hunter2@${host}?from=+15017122661` }),
  taken: says(201, { sid: `SM${"b".repeat(32)}`, status: "queued", error_code: null }),
  providerId: `SM${"b".repeat(32)}`,
  refusals: [
    ["too many at once", twilioCode(429, 20429), "later"],
    ["a wrong number", twilioCode(400, 21211), "number"],
    ["who wants nothing more", twilioCode(400, 21610), "number"],
    ["a landline", twilioCode(400, 21614), "number"],
    ["a landline where it tries none", twilioCode(400, 21635), "number"],
    ["a number that no route leads to", twilioCode(400, 21612), "number"],
    ["a trial account", twilioCode(400, 21608), "account"],
    ["a country that is switched off", twilioCode(400, 21408), "account"],
    ["a sender that may not", twilioCode(400, 21606), "account"],
    ["another token", twilioCode(401, 20003), "key"],
    ["an account that there is not", twilioCode(404, 20404), "account"],
    ["a moment's trouble", says(503, { code: 20503, message: "no" }), "again"],
    ["a gateway's trouble", [502, "<html>"], "again"],
    ["an answer without an id", says(201, {}), "again"],
  ],
  read({ path, method, headers, body }) {
    expectEqual("address", `${method} ${path}`, `POST /2010-04-01/Accounts/${sid}/Messages.json`);
    const right = Buffer.from(`${sid}:token_hunter2`).toString("base64");
    expectEqual("log-in", headers.authorization, `Basic ${right}`);
    const form = new URLSearchParams(body);
    expectEqual("sender", form.get("From"), "+15017122661");
    expectEqual("where it reports", form.get("StatusCallback"), "https://api.example.com/sms/events/");
    return { to: form.get("To") ?? "", template: "", values: [form.get("Body") ?? ""] };
  },
  sends: ({ path }) => path.endsWith("/Messages.json"),
  secrets: /hunter2/,
};

const secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const hookCode = (status: number, code?: SmsRefusal): ServiceReply =>
  says(status, { ...(code === undefined ? {} : { code }), message: "for 13800138000" });

const hook: ImitatedVendor = {
  env: (host) => ({ SMS_URL: `hook+http://whsec_${secret}@${host}/send?site=1` }),
  taken: says(200, { id: "given-1" }),
  providerId: "given-1",
  refusals: [
    ["a wrong number", hookCode(400), "number"],
    ["a number that had its share", hookCode(422, "too_often"), "too_often"],
    ["a wrong template", hookCode(422, "template"), "template"],
    ["a wrong signature of the site", hookCode(422, "signature"), "signature"],
    ["an empty account", hookCode(402), "balance"],
    ["another secret", hookCode(401), "key"],
    ["another address", hookCode(404), "account"],
    ["a code that we don't know", says(422, { code: "some_reason" }), "number"],
    ["too many at once", hookCode(429), "later"],
    ["a moment's trouble", hookCode(500), "later"],
    ["a gateway's trouble", [502, "<html>"], "later"],
  ],
  read({ path, headers, body }) {
    expectEqual("address", path, "/send?site=1");
    const [id, time] = [String(headers["webhook-id"]), String(headers["webhook-timestamp"])];
    const right = createHmac("sha256", Buffer.from(secret, "base64"))
      .update(`${id}.${time}.${body}`)
      .digest("base64");
    expectEqual("signature", headers["webhook-signature"], `v1,${right}`);
    const { type, data } = JSON.parse(body) as {
      readonly type: string;
      readonly data: Readonly<Record<"to" | "purpose" | "code" | "text", string>>;
    };
    expectEqual("type", type, "sms.send");
    return { to: data.to, template: data.purpose, values: [data.code, data.text], id };
  },
  sends: ({ method }) => method === "POST",
  secrets: /whsec|MfKQ9r8G/,
};

export const smsVendors = { aliyun, dypns, tencent, yunpian, twilio, hook } as const satisfies Record<
  string,
  ImitatedVendor
>;
export type VendorName = keyof typeof smsVendors;
