import { expect, it } from "vitest";
import { withWebOtp } from "./web-otp.ts";

const zh = "【美多】402758 是您的登录验证码，5 分钟内有效。请勿告诉任何人。";
const en = "[Meiduo] 402758 is your log-in code, valid for 5 min. Never tell it to anyone.";

it.each([
  ["a site on https", zh, "https://a.example.com", `${zh}\n@a.example.com #402758`],
  ["its port is no part of it", en, "https://a.example.com:8443/x", `${en}\n@a.example.com #402758`],
  [
    "a longer name in a message of ASCII",
    en,
    `https://${"a".repeat(40)}.com`,
    `${en}\n@${"a".repeat(40)}.com #402758`,
  ],
  ["a name that would make two messages of it", zh, `https://${"a".repeat(40)}.com`, zh],
  ["a message of ASCII that would be two", en, `https://${"a".repeat(60)}.${"b".repeat(20)}.com`, en],
  ["a site without https, whose browsers give no code", zh, "http://127.0.0.1:8080", zh],
])("%s", (_, text, siteUrl, expected) => {
  expect(withWebOtp(text, siteUrl, "402758")).toBe(expected);
});
