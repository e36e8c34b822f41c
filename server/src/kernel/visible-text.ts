/**
 * Characters that deceive whoever reads a name in a list, a mail or a log (attack: `\u202E` writes the page beside it
 * backwards; guard: visible-text.test.ts): controls, marks that turn the direction of the text, fillers that
 * show nothing, halves of characters. Joiners and variation selectors stay: emoji families, Persian and rare Han
 * characters are made of them.
 */
const unwanted =
  "[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Noncharacter_Code_Point}\\ufff9-\\ufffb]|" +
  "(?![\\p{Variation_Selector}\\u200c\\u200d\\u{e0020}-\\u{e007f}])\\p{Default_Ignorable_Code_Point}";

export const deceptive = new RegExp(unwanted, "u");
const all = new RegExp(unwanted, "gu");

export function withoutDeceptive(text: string): string {
  return text.replace(all, "");
}
