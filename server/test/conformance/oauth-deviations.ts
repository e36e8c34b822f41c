import { expect } from "vitest";
import type { Deviation } from "./deviations.ts";

/** As deviations.ts, for third-party log-in. */
const objectError = (text: string) => ({ non_field_errors: [text], message: text });

export const oauthDeviations: Readonly<Record<string, Deviation>> = {
  "qq authorization next=absolute url": {
    reason: "next was an open redirect; only a path of the site is accepted",
    status: 400,
    body: { next: ["只能跳转到本站的路径。"], message: "只能跳转到本站的路径。" },
  },
  "qq user bad code": {
    reason: "a code that QQ refuses is the visitor's to repeat; the original failed with 500",
    status: 400,
    body: { message: "授权码无效或已过期，请重新登录。" },
  },
  "bind blanks": {
    reason: "a blank address is reported as blank, like every other blank field",
    status: 400,
    body: {
      password: ["该字段不能为空。"],
      email: ["该字段不能为空。"],
      email_code: ["该字段不能为空。"],
      access_token: ["该字段不能为空。"],
      login_type: ["该字段不能为空。"],
      message: "该字段不能为空。",
    },
  },
  "bind pw short": {
    reason: "a password may be longer than 20 characters, so the recorded text would be wrong",
    status: 400,
    body: { password: ["请确保这个字段至少包含 8 个字符。"], message: "请确保这个字段至少包含 8 个字符。" },
  },
  "bind code wrong": {
    reason: "the code comes by mail, and the text said SMS",
    status: 400,
    body: objectError("邮箱验证码错误"),
  },
  "bind login_type missing": {
    reason: "the path names the provider, so login_type is optional; what is refused is the used-up ticket",
    status: 400,
    body: objectError("无效的access_token"),
  },
  "qq user after double bind": {
    reason: "one person belongs to one account, so there is no second row to fail on",
    status: 200,
    body: expect.objectContaining({ user_id: expect.any(Number), username: "b1@qq.com" }),
  },
};
