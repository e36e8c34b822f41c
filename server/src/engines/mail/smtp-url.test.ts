import { expect, test } from "vitest";
import { SettingProblem } from "../../errors/setting-problem.ts";
import { parseSender, parseSmtpUrl } from "./smtp-url.ts";

test.each([
  ["smtps://u%40163.com:KEY@smtp.163.com", "smtp.163.com", 465, "implicit", "u@163.com", "KEY"],
  ["smtp://u@qq.com:a:b@smtp.qq.com:587", "smtp.qq.com", 587, "required", "u@qq.com", "a:b"],
  ["smtp://u:p%25%2F@relay.example:25?tls=never", "relay.example", 25, "never", "u", "p%/"],
  ["smtp://u:p@127.0.0.1:2525", "127.0.0.1", 2525, "optional", "u", "p"],
  ["smtp://localhost:1025", "localhost", 1025, "optional", undefined, undefined],
  ["smtp://[::1]:1025/", "::1", 1025, "optional", undefined, undefined],
  ["SMTP://relay.example?tls=required", "relay.example", 587, "required", undefined, undefined],
])("%s", (url, host, port, encryption, user, pass) => {
  const server = parseSmtpUrl(url);
  expect(server).toMatchObject({ host, port, encryption });
  expect(server.auth?.user).toBe(user);
  expect(server.auth?.pass).toBe(pass);
});

test.each([
  "http://u:secret@h",
  "smtp://",
  "smtp://u:secret@h:99999",
  "smtp://onlyname@h",
  "smtp://u:secret%zz@h",
  "smtp://u:secret@h?tls=maybe",
  "smtp://u:secret@h\r\nx",
])("%j is refused without showing the secret", (url) => {
  expect(() => parseSmtpUrl(url)).toThrow(SettingProblem);
  expect(() => parseSmtpUrl(url)).not.toThrow(/secret/);
});

test.each([
  ["美多商城<itcast99@163.com>", "美多商城", "itcast99@163.com", "163.com"],
  [
    '"Meiduo, Inc." <no-reply@mail.example.com>',
    "Meiduo, Inc.",
    "no-reply@mail.example.com",
    "mail.example.com",
  ],
  ["a@b.example", "", "a@b.example", "b.example"],
])("sender %s", (text, name, address, domain) =>
  expect(parseSender(text)).toEqual({ name, address, domain }),
);

test.each(["", "nobody", "a@b@c", "x<a@b.c>\r\nBcc: v@w.x", "a@b.c, d@e.f", "<a@b.c> <d@e.f>"])(
  "sender %j is refused",
  (text) => expect(() => parseSender(text)).toThrow(SettingProblem),
);
