import type { MailContent, Say } from "./mail-layout.ts";
import type { CodeValues } from "./mail-values.ts";

/** Mails that carry a verification code: what it is for, the code, and how long it holds. */
export function codeMail(
  kind: "register" | "resetpwd" | "bindAccount" | "changeEmail" | "signIn" | "stepUp",
  say: Say,
  { code, expiresInSeconds }: CodeValues,
  facts: Readonly<Record<string, string>> = {},
): MailContent {
  return {
    subject: say(`${kind}.subject`),
    heading: say(`${kind}.heading`),
    blocks: [
      { kind: "paragraph", text: say(`${kind}.sentence`, facts) },
      { kind: "code", code },
      { kind: "paragraph", text: validity(say, expiresInSeconds) },
      { kind: "hint", text: say("code.hint") },
    ],
  };
}

/** How long a code holds, as a sentence. */
export function validity(say: Say, seconds: number): string {
  const isMinutes = seconds >= 60 && seconds % 60 === 0;
  const count = isMinutes ? seconds / 60 : seconds;
  const unit = isMinutes ? "minute" : "second";
  return say(count === 1 ? `code.${unit}` : `code.${unit}s`, { count });
}
