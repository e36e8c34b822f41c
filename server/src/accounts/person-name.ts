import { deceptive } from "../kernel/visible-text.ts";
import type { TextRule } from "./account-field.ts";

/** First and last names: whoever gives one, it has room for 150 characters and deceives nobody. */
const longest = 150;

export const personName = {
  longest,
  /** Options of a request's schema, whose reader refuses deceptive characters itself. */
  options: { maxLength: longest, allowBlank: true },
  rule: {
    maxLength: longest,
    check: (value) => (deceptive.test(value) ? "invisible_characters" : null),
    lengthFirst: true,
  } satisfies TextRule as TextRule,
} as const;
