import { addressBelow } from "../../../kernel/public-address.ts";
import { chinaTime, factsOf } from "./mail-facts.ts";
import type { MailContent, Say } from "./mail-layout.ts";
import type { ImpersonationValues } from "./mail-values.ts";

/** No link to undo it, which would end the owner's own log-ins and change their password: their list of log-ins ends it. */
export function impersonationBegun(say: Say, values: ImpersonationValues): MailContent {
  const until: [string, string] = [say("impersonation_begun.until"), chinaTime(values.dueAt)];
  return {
    subject: say("impersonation_begun.subject"),
    heading: say("impersonation_begun.heading"),
    blocks: [
      { kind: "paragraph", text: say("impersonation_begun.sentence") },
      { kind: "facts", rows: factsOf(say, values, [until]) },
      { kind: "paragraph", text: say("impersonation_begun.advice") },
      {
        kind: "button",
        label: say("impersonation_begun.button"),
        url: addressBelow(values.siteUrl, "/account"),
      },
    ],
  };
}
