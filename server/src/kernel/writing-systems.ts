import { zeroOf } from "./digits.ts";

/**
 * Which writings a name mixes (UTS 39, section 5.2, "highly restrictive"): one script, or Latin together with
 * what Chinese, Japanese or Korean are written in, so `全民python` is fine and a Cyrillic а among Latin letters is
 * not. Characters of no script of their own (digits, hyphens, marks) go with any.
 */
const together = [
  ["Latin", "Han", "Hiragana", "Katakana"],
  ["Latin", "Han", "Bopomofo"],
  ["Latin", "Han", "Hangul"],
];

/** Unicode's scripts for modern use and limited use (UAX 31, tables 5 and 7), besides those above. */
const scripts =
  "Adlam Arabic Armenian Balinese Bamum Batak Bengali Bopomofo Canadian_Aboriginal Chakma Cham Cherokee Cyrillic " +
  "Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Hangul Hanifi_Rohingya Hebrew Javanese Kannada Kayah_Li Khmer " +
  "Lao Lepcha Limbu Lisu Malayalam Mandaic Meetei_Mayek Miao Mongolian Myanmar New_Tai_Lue Newa Nko " +
  "Nyiakeng_Puachue_Hmong Ol_Chiki Oriya Osage Phags_Pa Saurashtra Sinhala Sundanese Syloti_Nagri Syriac Tai_Le " +
  "Tai_Tham Tai_Viet Tamil Telugu Thaana Thai Tibetan Tifinagh Vai Wancho Yi";

const neutral = "\\p{scx=Common}\\p{scx=Inherited}0-9.+_\\-";
const letters = (names: readonly string[]) => names.map((name) => `\\p{scx=${name}}`).join("");
const writtenIn = (names: readonly string[]) => new RegExp(`^[${neutral}${letters(names)}]*$`, "u");

const common = together.map(writtenIn);
/** Made when the first name asks that is neither Latin nor East Asian. */
let others: { readonly each: readonly RegExp[]; readonly any: RegExp } | null = null;

/** Whether the text is of one writing, and its digits of one kind. */
export function isOneWriting(text: string): boolean {
  return isOfOneScript(text) && hasOneKindOfDigits(text);
}

function isOfOneScript(text: string): boolean {
  if (common.some((writing) => writing.test(text))) return true;
  const names = scripts.split(" ");
  others ??= {
    each: names.map((name) => writtenIn([name])),
    any: new RegExp(`[${letters([...names, ...together.flat()])}]`, "u"),
  };
  // Of scripts that nobody writes any more, nothing reads like anything but each other.
  return others.each.some((writing) => writing.test(text)) || !others.any.test(text);
}

/** Arabic digits among European ones make numbers that read alike and differ. */
function hasOneKindOfDigits(text: string): boolean {
  if (/^[^\p{Nd}]*$/u.test(text.replace(/[0-9]/g, ""))) return true;
  const kinds = new Set<number>();
  for (const [digit] of text.matchAll(/\p{Nd}/gu)) kinds.add(zeroOf(digit));
  return kinds.size === 1;
}
