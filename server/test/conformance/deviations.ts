import { expect } from "vitest";

/**
 * Where this server answers otherwise than the recorded original, on purpose; docs/adr/0002 says the same in
 * prose. `body` is our whole answer. A row that no longer deviates fails the test.
 */
export interface Deviation {
  readonly reason: string;
  readonly status: number;
  /** null: an empty body. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

const fieldError = (field: string, ...texts: string[]) => ({ [field]: texts, message: texts[0] });
const objectError = (text: string) => ({ non_field_errors: [text], message: text });

const plainOptions = "plain OPTIONS describes the API's inside to anyone; the description is at /docs";
const namesRefusedInWords =
  "a name that could never be one is refused with the reason, where the URL pattern gave an HTML 404";
const dottedNames = "the sign-up accepts dots in user names, but the URL pattern had no place for them";
const ordinaryAddresses =
  "the URL pattern refused ordinary addresses (dots, hyphens, plus signs, sub-domains) with an HTML 404";
const positionOnly = "the JSON parser words its errors differently and must not quote the body";
const atSignInNames = "no @ in new user names: it would look like somebody's address";
const longerPasswords = "a longer password is no risk, and NIST SP 800-63B asks for at least 64 characters";
const mailNotSms = "the code comes by mail, and the text said SMS";

const loggedIn = { token: expect.stringMatching(/^eyJ/), user_id: 1, username: "python01" };
const badUsername = "请输入合法用户名。只能包含字母，数字和 ./+/-/_ 字符。";
const sameAnswer = objectError("无法使用提供的认证信息登录。");

export const deviations: Readonly<Record<string, Deviation>> = {
  "plain OPTIONS users (DRF metadata)": { reason: plainOptions, status: 204, body: null },
  "username count abcd": {
    reason: namesRefusedInWords,
    status: 400,
    body: fieldError("username", "请确保这个字段至少包含 5 个字符。"),
  },
  "username count aaaaaaaaaaaaaaaaaaaaa": {
    reason: namesRefusedInWords,
    status: 400,
    body: fieldError("username", "请确保这个字段不能超过 20 个字符。"),
  },
  "username count user.name": {
    reason: dottedNames,
    status: 200,
    body: { username: "user.name", count: 0 },
  },
  "username count user@name": {
    reason: namesRefusedInWords,
    status: 400,
    body: fieldError("username", badUsername),
  },
  "email count john+x@example.com": {
    reason: ordinaryAddresses,
    status: 200,
    body: { email: "john+x@example.com", count: 0 },
  },
  "email count a-b@example.com": {
    reason: ordinaryAddresses,
    status: 200,
    body: { email: "a-b@example.com", count: 0 },
  },
  "email count a@b.co.uk": {
    reason: ordinaryAddresses,
    status: 200,
    body: { email: "a@b.co.uk", count: 0 },
  },
  "email count a@sub.example.com": {
    reason: ordinaryAddresses,
    status: 200,
    body: { email: "a@sub.example.com", count: 0 },
  },
  "email_codes unknown send_type": {
    reason: "a code of an unknown kind could be used for nothing, yet was mailed",
    status: 400,
    body: { message: "未知的验证码类型" },
  },
  "email_codes bad/dotted john.doe@example.com": {
    reason: ordinaryAddresses,
    status: 200,
    body: { message: "OK" },
  },
  "email_codes bad/dotted a-b@example.com": {
    reason: ordinaryAddresses,
    status: 200,
    body: { message: "OK" },
  },
  "register no body": {
    reason: "the e-mail address is required: without it the original failed with 500",
    status: 400,
    body: {
      username: ["该字段是必填项。"],
      email: ["该字段是必填项。"],
      password: ["该字段是必填项。"],
      password2: ["该字段是必填项。"],
      email_code: ["该字段是必填项。"],
      allow: ["该字段是必填项。"],
      message: "该字段是必填项。",
    },
  },
  "register blanks": {
    reason: "a blank address is reported as blank, like every other blank field",
    status: 400,
    body: {
      username: ["该字段不能为空。"],
      email: ["该字段不能为空。"],
      password: ["该字段不能为空。"],
      password2: ["该字段不能为空。"],
      email_code: ["该字段不能为空。"],
      allow: ["该字段不能为空。"],
      message: "该字段不能为空。",
    },
  },
  "register malformed json": {
    reason: positionOnly,
    status: 400,
    body: { detail: "JSON parse error - Expecting value", message: "JSON parse error - Expecting value" },
  },
  "register username bad chars": {
    reason: atSignInNames,
    status: 400,
    body: fieldError("username", badUsername),
  },
  "register username bad chars and long": {
    reason: atSignInNames,
    status: 400,
    body: fieldError("username", badUsername, "请确保这个字段不能超过 20 个字符。"),
  },
  "register password long": {
    reason: `${longerPasswords}; this one is refused for being one letter repeated`,
    status: 400,
    body: fieldError("password", "这个密码太常见了，请换一个。"),
  },
  "register email passes drf, fails seed regex": {
    reason: "the address is one that browsers accept, so the answer is about its code, which was never sent",
    status: 400,
    body: objectError("邮箱验证码过期"),
  },
  "register email missing (model blank=True -> optional)": {
    reason: "a missing address is a field error; the original failed with 500",
    status: 400,
    body: fieldError("email", "该字段是必填项。"),
  },
  "register code wrong": { reason: mailNotSms, status: 400, body: objectError("邮箱验证码错误") },
  "register reuse code + duplicate email after mobile fixed": {
    reason: "a code works once and an address belongs to one account; the original let two share both",
    status: 400,
    body: fieldError("email", "该邮箱已被注册。"),
  },
  "login by email that two users share": {
    reason: "an address belongs to one account, so its owner can log in by it",
    status: 200,
    body: loggedIn,
  },
  "login username upper-case": {
    reason: "user names are unique without regard to case, and found so",
    status: 200,
    body: loggedIn,
  },
  "login password with surrounding spaces": {
    reason: "passwords are never altered; only accounts imported from the original are tried trimmed as well",
    status: 400,
    body: sameAnswer,
  },
  "login malformed json": {
    reason: positionOnly,
    status: 400,
    body: {
      detail: "JSON parse error - Expecting value: (char 1)",
      message: "JSON parse error - Expecting value: (char 1)",
    },
  },
  "login disabled user": {
    reason:
      "a disabled account answers as a wrong password does, or the answer tells that the password is right",
    status: 400,
    body: sameAnswer,
  },
  "auth[no exp] open view count": {
    reason: "a token without an expiry would work for ever",
    status: 401,
    body: { detail: "不正确的身份认证信息。", message: "不正确的身份认证信息。", code: "token_not_valid" },
  },
  "404 unknown path": {
    reason: "every answer is JSON",
    status: 404,
    body: { detail: "未找到。", message: "未找到。" },
  },
};

/**
 * Tokens that PyJWT let through, by their names in vectors/drf-jwt-tokens.json, with our text. The vectors end in 2100,
 * so they run with FOREIGN_TOKEN_LIFE raised; `long life` is what becomes of them without.
 */
export const tokenDeviations: Readonly<Record<string, { reason: string; detail: string }>> = {
  "no exp (PyJWT accepts)": {
    reason: "a token without an expiry would work for ever",
    detail: "不正确的身份认证信息。",
  },
  "uuid pk": { reason: "accounts have numbers here, so there is no such user", detail: "Invalid signature." },
  "malformed: empty string": {
    reason: "the header ends with the scheme, so nothing was shown",
    detail: "Invalid Authorization header. No credentials provided.",
  },
  "long life": {
    reason:
      "a token that expires later than FOREIGN_TOKEN_LIFE allows would outlive every end of its account's tokens",
    detail: "不正确的身份认证信息。",
  },
};
