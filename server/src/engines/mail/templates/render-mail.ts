import { codeMail } from "./code-mails.ts";
import { type Language, layOut, type MailContent, type RenderedMail } from "./mail-layout.ts";
import type { MailKind, MailValues } from "./mail-values.ts";
import { accountExists, bindingChanged, emailChanged, noAccount, passwordChanged } from "./notice-mails.ts";

/**
 * Renders a mail of the kind in the language; `values` fill it, and are escaped. Where somebody else's request
 * causes it nobody knows the reader's language: with `unknown` it says the same in both.
 */
export function renderMail<Kind extends MailKind>(
  kind: Kind,
  language: Language | "unknown",
  values: MailValues[Kind],
): RenderedMail {
  if (language === "unknown") {
    return layOut("zh", inBoth(content[kind]("zh", values), content[kind]("en", values)));
  }
  return layOut(language, content[kind](language, values));
}

function inBoth(zh: MailContent, en: MailContent): MailContent {
  return {
    subject: `${zh.subject} ${en.subject}`,
    heading: zh.heading,
    blocks: [...zh.blocks, { kind: "paragraph", text: `${en.heading}.` }, ...en.blocks],
  };
}

const content: {
  [Kind in MailKind]: (language: Language, values: MailValues[Kind]) => Parameters<typeof layOut>[1];
} = {
  register: (language, values) => codeMail("register", language, values),
  resetpwd: (language, values) => codeMail("resetpwd", language, values),
  bindAccount: (language, values) => codeMail("bindAccount", language, values),
  changeEmail: (language, values) => codeMail("changeEmail", language, values),
  account_exists: accountExists,
  no_account: noAccount,
  password_changed: passwordChanged,
  email_changed: emailChanged,
  binding_added: (language, values) => bindingChanged("added", language, values),
  binding_removed: (language, values) => bindingChanged("removed", language, values),
};
