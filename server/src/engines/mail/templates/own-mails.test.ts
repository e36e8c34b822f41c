import { expect, it } from "vitest";
import { defaultBrand } from "../../../brand/brand.ts";
import { type MailToWrite, withOwnMails } from "./own-mails.ts";
import { createMailRenderer } from "./render-mail.ts";

const ours = createMailRenderer({ brand: defaultBrand });
const values = { code: "A7K9Q2", expiresInSeconds: 180 };

it("writes a program's mail in place of ours, and leaves the others", () => {
  const asked: MailToWrite[] = [];
  const render = withOwnMails(ours, (mail) => {
    asked.push(mail);
    if (mail.kind !== "register") return null;
    return { subject: "Hello", text: `Code: ${mail.values.code}`, html: `<p>${mail.values.code}</p>` };
  });
  expect(render("register", "en", values)).toEqual({
    subject: "Hello",
    text: "Code: A7K9Q2",
    html: "<p>A7K9Q2</p>",
  });
  expect(render("resetpwd", "zh", values)).toEqual(ours("resetpwd", "zh", values));
  expect(asked).toEqual([
    { kind: "register", language: "en", values },
    { kind: "resetpwd", language: "zh", values },
  ]);
});

it.each([
  ["a subject of two lines", { subject: "Hi\r\nBcc: victim@example.com", text: "t", html: "h" }],
  ["no subject", { subject: "", text: "t", html: "h" }],
  ["no text", { subject: "s", text: "", html: "h" }],
  ["an HTML part without end", { subject: "s", text: "t", html: "x".repeat(200_001) }],
  ["something else", { subject: 7, text: "t", html: "h" } as never],
])("refuses %s", (_what, written) => {
  expect(() => withOwnMails(ours, () => written)("register", "en", values)).toThrow(/the mail register/);
});

it("is ours where there is none", () => {
  expect(withOwnMails(ours, undefined)).toBe(ours);
});
