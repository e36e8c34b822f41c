import type { RenderedMail } from "./mail-layout.ts";
import type { MailKind, MailValues } from "./mail-values.ts";
import type { RenderMail } from "./render-mail.ts";

/** One mail that is about to be written: what it says follows from these, not from a text of ours. */
export type MailToWrite = {
  [Kind in MailKind]: {
    readonly kind: Kind;
    /** `unknown` where somebody else's request causes it, and nobody knows the reader's language. */
    readonly language: string;
    readonly values: MailValues[Kind];
  };
}[MailKind];

/**
 * What an embedding program writes in place of our mails: subject, text and HTML, or null to leave one as it is. It
 * escapes what it puts into its HTML itself.
 */
export type OwnMails = (mail: MailToWrite) => RenderedMail | null;

const longestSubject = 300;
const longestPart = 200_000;

/**
 * Our mails, and a program's own in place of those that it writes. Throws where one of them could not be sent as it is
 * (attack: a value with a line break that becomes a header; guard: own-mails.test.ts): its job then fails, and is tried again.
 */
export function withOwnMails(render: RenderMail, own: OwnMails | undefined): RenderMail {
  if (own === undefined) return render;
  return (kind, language, values) => {
    const written = own({ kind, language, values } as MailToWrite);
    if (written === null) return render(kind, language, values);
    const { subject, text, html } = written;
    const isLine = typeof subject === "string" && subject !== "" && !/\p{Cc}/u.test(subject);
    if (!isLine || subject.length > longestSubject) {
      throw new TypeError(`the subject of the mail ${kind} is no line of 1 to ${longestSubject} characters`);
    }
    for (const part of [text, html]) {
      if (typeof part !== "string" || part === "" || part.length > longestPart) {
        throw new TypeError(
          `the mail ${kind} needs a text and an HTML part of at most ${longestPart} characters`,
        );
      }
    }
    return { subject, text, html };
  };
}
