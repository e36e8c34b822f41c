import { expect, it } from "vitest";
import { textOfMail } from "../../../test/support/mail-text.ts";
import { mimeMessage } from "./mime-message.ts";

const message = {
  from: { name: "美多商城", address: "shop@163.com" },
  to: "li.si@example.com",
  subject: "验证码 A1B2C3：三分钟内有效，请勿转发给他人，也不要告诉自称客服的任何人",
  messageId: "<id@163.com>",
  headers: { "Auto-Submitted": "auto-generated" },
  text: "第一行\n第二行\r\n.\n--=_alternative\n结束",
  html: `<p>${"很长的一段话。".repeat(200)}</p>`,
};
const raw = (over: Partial<typeof message> = {}) => mimeMessage({ ...message, ...over }).toString("utf8");

it("has both parts, whole, in lines that every server takes", () => {
  const text = raw();
  for (const line of text.split("\r\n")) {
    expect(line.length).toBeLessThanOrEqual(78);
    expect(line).toMatch(/^[\x20-\x7e]*$/);
  }
  expect(textOfMail(text)).toBe("第一行\r\n第二行\r\n.\r\n--=_alternative\r\n结束");
  const html = text.split("--=_alternative")[2]!.split("\r\n\r\n")[1]!;
  expect(Buffer.from(html, "base64").toString("utf8")).toBe(message.html);
  expect(text.endsWith("\r\n--=_alternative--\r\n")).toBe(true);
  expect(text.split("\r\n--=_alternative\r\n")).toHaveLength(3);
});

it("names sender, recipient, subject, id and date once each, and what kind of mail it is", () => {
  const head = raw()
    .split("\r\n\r\n")[0]!
    .replaceAll(/\r\n\s+/g, " ");
  const of = (name: string) => head.split("\r\n").filter((line) => line.startsWith(`${name}: `));
  expect(of("From")).toEqual([expect.stringMatching(/^From: =\?UTF-8\?.*\?= <shop@163\.com>$/)]);
  expect(of("To")).toEqual(["To: li.si@example.com"]);
  expect(of("Message-ID")).toEqual(["Message-ID: <id@163.com>"]);
  expect(of("Date")).toEqual([expect.stringMatching(/^Date: \w{3}, \d{1,2} \w{3} \d{4} [\d:]{8} \+0000$/)]);
  expect(of("MIME-Version")).toEqual(["MIME-Version: 1.0"]);
  expect(of("Auto-Submitted")).toEqual(["Auto-Submitted: auto-generated"]);
  expect(of("Subject")).toHaveLength(1);
  expect(of("Content-Type")).toEqual([expect.stringContaining("multipart/alternative;")]);
});

it("keeps the local part of a Chinese address", () => {
  expect(raw({ to: "李四@example.com" })).toMatch(/^To: 李四@example\.com\r$/m);
});
