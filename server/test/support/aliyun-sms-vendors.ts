import { createHmac } from "node:crypto";
import type { Received } from "./imitated-service.ts";
import { expectEqual, type ImitatedVendor, says, sha256 } from "./imitated-sms.ts";

/** Aliyun's two products, which share the gateway. */

/** Aliyun's gateway: the signature over what really came. */
function checkAcs({ method, path, headers, body }: Received, secret: string): URLSearchParams {
  const [, names = "", signature] =
    /^ACS3-HMAC-SHA256 Credential=LTAItest,SignedHeaders=([\w;-]+),Signature=(\w{64})$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  for (const name of ["x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"]) {
    if (!names.split(";").includes(name)) throw new Error(`${name} is not signed`);
  }
  const [place, query = ""] = path.split("?");
  const lines = names.split(";").map((name) => `${name}:${String(headers[name])}\n`);
  const canonical = [method, place, query, lines.join(""), names, sha256(body)].join("\n");
  const right = createHmac("sha256", secret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest("hex");
  expectEqual("signature", signature, right);
  expectEqual("body's hash", headers["x-acs-content-sha256"], sha256(body));
  return new URLSearchParams(query);
}

const acs = (Code: string, Message = "for 13800138000", status = 200) => says(status, { Code, Message });

/** Approved with words alone. */
export const noticeTemplate = "SMS_3";

export const aliyun: ImitatedVendor = {
  env: (host) => ({
    SMS_URL: `aliyun+http://LTAItest:secret_test@${host}`,
    ...{
      SMS_SIGN_NAME: "美多商城",
      SMS_TEMPLATES: `changeMobile=SMS_1,leaveMobile=${noticeTemplate},*=SMS_2`,
    },
  }),
  taken: says(200, { Code: "OK", Message: "OK", BizId: "900619746936498440^0", RequestId: "r" }),
  providerId: "900619746936498440^0",
  refusals: [
    ["a minute's limit", acs("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1"), "later"],
    ["an hour's limit", acs("isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5"), "too_often"],
    ["a day's limit", acs("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:10"), "too_often"],
    ["a wrong number", acs("isv.MOBILE_NUMBER_ILLEGAL"), "number"],
    ["who wants nothing more", acs("isv.CUSTOMER_REFUSED"), "number"],
    ["a wrong signature", acs("isv.SMS_SIGNATURE_ILLEGAL"), "signature"],
    ["a wrong template", acs("isv.SMS_TEMPLATE_ILLEGAL"), "template"],
    ["a value that lacks", acs("isv.TEMPLATE_MISSING_PARAMETERS"), "template"],
    ["a value that is wrong", acs("isv.TEMPLATE_PARAMS_ILLEGAL"), "template"],
    ["a word that is barred", acs("isv.BLACK_KEY_CONTROL_LIMIT"), "content"],
    ["an account that is stopped", acs("isv.OUT_OF_SERVICE"), "balance"],
    ["an empty account", acs("isv.AMOUNT_NOT_ENOUGH"), "balance"],
    ["an unknown key", acs("InvalidAccessKeyId.NotFound", "no", 404), "key"],
    ["another secret", acs("SignatureDoesNotMatch", "no", 400), "key"],
    ["a key that may not", acs("isp.RAM_PERMISSION_DENY"), "key"],
    ["a moment's trouble", acs("isp.SYSTEM_ERROR"), "again"],
    ["a gateway's trouble", [502, "<html>"], "again"],
    ["too many at once", acs("Throttling.User", "no", 400), "later"],
    ["a code that nobody knows", acs("isv.SOMETHING_NEW"), "later"],
  ],
  read(request) {
    const query = checkAcs(request, "secret_test");
    expectEqual("action", request.headers["x-acs-action"], "SendSms");
    expectEqual("signature of the site", query.get("SignName"), "美多商城");
    const values = JSON.parse(query.get("TemplateParam") ?? "") as Record<string, unknown>;
    // A notice's template has none.
    const parameters = query.get("TemplateCode") === noticeTemplate ? "" : "code";
    expectEqual("parameters", Object.keys(values).join(), parameters);
    return {
      ...{ to: query.get("PhoneNumbers") ?? "", template: query.get("TemplateCode") ?? "" },
      ...{ values: Object.values(values) as string[], id: query.get("OutId") ?? undefined },
    };
  },
  sends: ({ headers }) => headers["x-acs-action"] === "SendSms",
  secrets: /secret_test/,
};

export const dypns: ImitatedVendor = {
  env: (host) => ({
    SMS_URL: `dypns+http://LTAItest:secret_test@${host}`,
    ...{ SMS_SIGN_NAME: "速通互联验证码", SMS_TEMPLATES: "100001" },
  }),
  taken: says(200, {
    ...{ Code: "OK", Message: "成功", Success: true, RequestId: "r" },
    Model: { BizId: "112231421412414124123^4", OutId: "job", VerifyCode: "" },
  }),
  providerId: "112231421412414124123^4",
  refusals: [
    ["a minute's limit", acs("biz.FREQUENCY", "check frequency failed"), "later"],
    ["a minute's limit of the carriers", acs("BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1"), "later"],
    ["a day's limit", acs("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:10"), "too_often"],
    ["a wrong number", acs("MOBILE_NUMBER_ILLEGAL"), "number"],
    ["a wrong signature", acs("isv.SMS_SIGNATURE_ILLEGAL"), "signature"],
    ["a wrong template", acs("isv.SMS_TEMPLATE_ILLEGAL"), "template"],
    ["a value that is wrong", acs("INVALID_PARAMETERS"), "template"],
    ["an empty account", acs("isv.AMOUNT_NOT_ENOUGH"), "balance"],
    ["a product that is not activated", acs("FUNCTION_NOT_OPENED"), "account"],
    ["another secret", acs("SignatureDoesNotMatch", "no", 400), "key"],
    ["a moment's trouble", acs("isp.SYSTEM_ERROR"), "again"],
  ],
  read(request) {
    const query = checkAcs(request, "secret_test");
    expectEqual("action", request.headers["x-acs-action"], "SendSmsVerifyCode");
    const values = JSON.parse(query.get("TemplateParam") ?? "") as Record<string, unknown>;
    expectEqual("parameters", Object.keys(values).join(), "code,min");
    return {
      ...{ to: query.get("PhoneNumber") ?? "", template: query.get("TemplateCode") ?? "" },
      ...{ values: Object.values(values) as string[], id: query.get("OutId") ?? undefined },
    };
  },
  sends: ({ headers }) => headers["x-acs-action"] === "SendSmsVerifyCode",
  secrets: /secret_test/,
};
