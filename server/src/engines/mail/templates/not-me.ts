import { addressBelow } from "../../../kernel/public-address.ts";
import type { Block, Say } from "./mail-layout.ts";
import type { UndoValues } from "./mail-values.ts";

/**
 * The end of a mail whose reader can undo what it tells of, without logging in; `advice` says what the button does. Nothing for a reader who
 * may be a thief, and has no link (accounts/address-notices.ts).
 */
export function notMe(say: Say, { siteUrl, disownToken }: UndoValues, advice: string): readonly Block[] {
  if (disownToken === "") return [];
  return [
    { kind: "paragraph", text: advice },
    { kind: "button", label: say("new_device.button"), url: addressBelow(siteUrl, `/not-me#${disownToken}`) },
    { kind: "hint", text: say("new_device.hint") },
  ];
}
