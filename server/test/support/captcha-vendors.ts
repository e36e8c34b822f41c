import { createHash, createHmac } from "node:crypto";
import type { CaptchaKind, CaptchaVerdict } from "../../src/captcha/captcha.ts";
import type { Received, ServiceReply } from "./imitated-service.ts";
import { expectEqual, says, sha256 } from "./imitated-sms.ts";

/**
 * Vendors of captchas, imitated: each checks a question as the vendor does, by itself, before it answers as the test says.
 * Nothing here is of the product's code but types.
 */
export interface ImitatedCaptcha {
  readonly url: (host: string) => string;
  /** What a page of the vendor's would give for a visitor who passed. */
  readonly token: string;
  readonly passes: ServiceReply;
  readonly others: readonly (readonly [said: string, reply: ServiceReply, verdict: CaptchaVerdict])[];
  /** Tokens that are refused without a question. */
  readonly odd: readonly string[];
  /** Throws for a question that the vendor would not believe. */
  readonly check: (request: Received) => void;
}

const form = ({ body }: Received) => Object.fromEntries(new URLSearchParams(body));

const siteVerify = (by: "turnstile" | "hcaptcha", path: string): ImitatedCaptcha => ({
  url: (host) => `${by}+http://sitekey:secret_test@${host}`,
  token: "page-token",
  passes: says(200, { success: true, "error-codes": [], hostname: "example.com", action: "signIn" }),
  others: [
    ["a wrong token", says(200, { success: false, "error-codes": ["invalid-input-response"] }), "refused"],
    ["one that is spent", says(200, { success: false, "error-codes": ["timeout-or-duplicate"] }), "refused"],
    [
      "our secret is wrong",
      says(200, { success: false, "error-codes": ["invalid-input-secret"] }),
      "unavailable",
    ],
    ["its own trouble", says(200, { success: false, "error-codes": ["internal-error"] }), "unavailable"],
    ["another site's", says(200, { success: true, hostname: "evil.example", action: "signIn" }), "refused"],
    ...(by === "turnstile"
      ? ([["another form's", says(200, { success: true, action: "contact" }), "refused"]] as const)
      : []),
  ],
  odd: ["x".repeat(9000)],
  check(request) {
    const fields = form(request);
    expectEqual("path", request.path, path);
    expectEqual("secret", fields.secret, "secret_test");
    expectEqual("response", fields.response, "page-token");
    expectEqual("remoteip", fields.remoteip, "203.0.113.7");
  },
});

const geetest: ImitatedCaptcha = {
  url: (host) => `geetest+http://captchaid:secret_test@${host}`,
  token: JSON.stringify({
    ...{ lot_number: "lot1", captcha_output: "out", pass_token: "pass", gen_time: "1700000000" },
    captcha_id: "somebody-elses",
  }),
  passes: says(200, { status: "success", result: "success", reason: "", captcha_args: {} }),
  others: [
    ["a wrong one", says(200, { status: "success", result: "fail", reason: "pass_token expire" }), "refused"],
    [
      "a wrong signature",
      says(200, { status: "error", code: "-50005", msg: "illegal gen_time" }),
      "unavailable",
    ],
  ],
  odd: ["", "{}", "null", "[]", '{"lot_number":1}'],
  check(request) {
    const fields = form(request);
    expectEqual("path", request.path, "/validate?captcha_id=captchaid");
    expectEqual("id", fields.captcha_id, undefined);
    const right = createHmac("sha256", "secret_test").update("lot1").digest("hex");
    expectEqual("signature", fields.sign_token, right);
    expectEqual("pass", fields.pass_token, "pass");
  },
};

const tencentSays = (response: object): ServiceReply =>
  says(200, { Response: { RequestId: "r", ...response } });
const tencent: ImitatedCaptcha = {
  url: (host) => `tencent+http://AKIDtest:secret_test@${host}?app=190000000&key=appSecret123`,
  token: JSON.stringify({ ticket: "t03abc", randstr: "@rnd" }),
  passes: tencentSays({ CaptchaCode: 1, CaptchaMsg: "OK", EvilLevel: 0 }),
  others: [
    ["another randstr", tencentSays({ CaptchaCode: 7, CaptchaMsg: "captcha no match" }), "refused"],
    ["an old one", tencentSays({ CaptchaCode: 8, CaptchaMsg: "ticket expired" }), "refused"],
    ["a spent one", tencentSays({ CaptchaCode: 9, CaptchaMsg: "ticket reused" }), "refused"],
    ["a forged one", tencentSays({ CaptchaCode: 15, CaptchaMsg: "decrypt fail" }), "refused"],
    ["somebody evil", tencentSays({ CaptchaCode: 1, EvilLevel: 100 }), "refused"],
    [
      "our key is wrong",
      tencentSays({ CaptchaCode: 16, CaptchaMsg: "appid-ticket mismatch" }),
      "unavailable",
    ],
    ["another secret", tencentSays({ Error: { Code: "AuthFailure.SignatureFailure" } }), "unavailable"],
  ],
  // The page makes these by itself where the vendor is away; anybody can write one.
  odd: [
    JSON.stringify({ ticket: "trerror_1001_1", randstr: "@x" }),
    JSON.stringify({ ticket: "terror_1", randstr: "x" }),
    "t03abc",
  ],
  check({ headers, body }) {
    const json = JSON.parse(body);
    expectEqual("action", headers["x-tc-action"], "DescribeCaptchaResult");
    expectEqual("version", headers["x-tc-version"], "2019-07-22");
    const { CaptchaType, Ticket, Randstr, UserIp, CaptchaAppId, AppSecretKey } = json;
    const asked = [CaptchaType, Ticket, Randstr, UserIp, CaptchaAppId, AppSecretKey].join(" ");
    expectEqual("question", asked, "9 t03abc @rnd 203.0.113.7 190000000 appSecret123");
    const time = String(headers["x-tc-timestamp"]);
    const day = new Date(Number(time) * 1000).toISOString().slice(0, 10);
    const canonical = `POST\n/\n\ncontent-type:${headers["content-type"]}\nhost:${headers.host}\n\ncontent-type;host\n${sha256(body)}`;
    const scope = `${day}/captcha/tc3_request`;
    const by = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
    const key = by(by(by("TC3secret_test", day), "captcha"), "tc3_request");
    const right = by(key, `TC3-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString("hex");
    expectEqual("signature", /Signature=(\w+)$/.exec(headers.authorization ?? "")?.[1], right);
  },
};

const aliyunSays = (VerifyResult: unknown, more: object = {}): ServiceReply =>
  says(200, {
    Code: "Success",
    Success: true,
    RequestId: "r",
    Result: { VerifyResult, VerifyCode: "T001" },
    ...more,
  });
const aliyun: ImitatedCaptcha = {
  url: (host) => `aliyun+http://LTAItest:secret_test@${host}?scene=scene01&prefix=pre01`,
  token: '{"sceneId":"scene01","certifyId":"c1","data":"a+b/c=="}',
  passes: aliyunSays(true),
  others: [
    ["a wrong one", aliyunSays(false), "refused"],
    ["no verdict", aliyunSays(undefined), "unavailable"],
    ["another secret", says(403, { Code: "SignatureDoesNotMatch", Message: "secret" }), "unavailable"],
  ],
  odd: [],
  check(request) {
    const { headers, body } = request;
    const fields = form(request);
    expectEqual("token", fields.CaptchaVerifyParam, aliyun.token);
    expectEqual("scene", fields.SceneId, "scene01");
    expectEqual("action", headers["x-acs-action"], "VerifyIntelligentCaptcha");
    expectEqual("hash", headers["x-acs-content-sha256"], createHash("sha256").update(body).digest("hex"));
    const [, names = "", signature] =
      /SignedHeaders=([^,]+),Signature=(\w{64})$/.exec(headers.authorization ?? "") ?? [];
    const lines = names
      .split(";")
      .map((name) => `${name}:${String(headers[name]).trim()}\n`)
      .join("");
    const canonical = ["POST", "/", "", lines, names, sha256(body)].join("\n");
    const right = createHmac("sha256", "secret_test")
      .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
      .digest("hex");
    expectEqual("signature", signature, right);
  },
};

export const captchaVendors: Readonly<Record<Exclude<CaptchaKind, "altcha">, ImitatedCaptcha>> = {
  turnstile: siteVerify("turnstile", "/turnstile/v0/siteverify"),
  hcaptcha: siteVerify("hcaptcha", "/siteverify"),
  geetest,
  tencent,
  aliyun,
};
