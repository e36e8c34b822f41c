import { addressBelow } from "../../../kernel/public-address.ts";
import { chinaTime, factsOf } from "./mail-facts.ts";
import type { MailContent, Say } from "./mail-layout.ts";
import type { DeletionValues, ExportReadyValues, NoticeValues } from "./mail-values.ts";
import { notMe } from "./not-me.ts";

/** Mails about what people ask for of their own data. */

export function exportReady(say: Say, values: ExportReadyValues): MailContent {
  return {
    subject: say("data_export_ready.subject"),
    heading: say("data_export_ready.heading"),
    blocks: [
      {
        kind: "paragraph",
        text: say("data_export_ready.sentence", { day: chinaTime(values.expiresAt).slice(0, 10) }),
      },
      { kind: "facts", rows: factsOf(say, values, []) },
      {
        kind: "button",
        label: say("data_export_ready.button"),
        url: addressBelow(values.siteUrl, "/login?next=/account/data"),
      },
      { kind: "hint", text: say("data_export_ready.hint") },
      ...notMe(say, values, say("data_export_ready.advice")),
    ],
  };
}

/** Its owner has until then to say that it is kept. */
export function deletionAsked(say: Say, values: DeletionValues): MailContent {
  return {
    subject: say("deletion_asked.subject"),
    heading: say("deletion_asked.heading"),
    blocks: [
      { kind: "paragraph", text: say("deletion_asked.sentence") },
      { kind: "facts", rows: factsOf(say, values, [[say("deletion_asked.from"), chinaTime(values.dueAt)]]) },
      {
        kind: "button",
        label: say("deletion_asked.button"),
        url: addressBelow(values.siteUrl, "/login"),
      },
      ...notMe(say, values, say("deletion_asked.advice")),
    ],
  };
}

/** The last one. */
export function accountDeleted(say: Say, values: NoticeValues): MailContent {
  return {
    subject: say("account_deleted.subject"),
    heading: say("account_deleted.heading"),
    blocks: [
      { kind: "paragraph", text: say("account_deleted.sentence") },
      { kind: "facts", rows: factsOf(say, values, []) },
      {
        kind: "button",
        label: say("account_deleted.button"),
        url: addressBelow(values.siteUrl, "/account-deletion"),
      },
    ],
  };
}
