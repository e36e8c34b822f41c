import { erasedValue } from "../audit/without-values.ts";
import { isAscii } from "../kernel/ascii.ts";
import { withAsciiDigits } from "../kernel/digits.ts";

/**
 * Finds addresses and numbers in what people wrote, in every spelling that a log-in takes them in: capitals, full width, digits of other
 * writings, numbers in groups. Promise: the name is replaced and nothing else of the text changes, neither the end of a longer address
 * nor digits within others (guards: written-by-staff.test.ts, property/names-in-text.test.ts).
 */
export interface Sought {
  /** Whether a text may have the name: the quick look, which nearly every text ends with. */
  isLikelyIn(text: string, folded: () => string): boolean;
  readonly name: RegExp;
}

/** Between the digits of a number: signs, and marks of the writing's direction that telephones copy with it. */
const between = String.raw`[\s.()/_·\p{Pd}−\p{Cf}]{0,4}`;
/** Letters that addresses are written in where others need no space before them: 与a@b.example. */
const letter = String.raw`\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\d`;

/** `nameKeys`: addresses and numbers as kernel/name-key.ts has them. */
export function seek(nameKeys: readonly string[]): readonly Sought[] {
  return nameKeys.map((key) => (key.includes("@") ? addressOf(key) : numberOf(key)));
}

function addressOf(key: string): Sought {
  const folded = foldWhole(key);
  const at = folded.lastIndexOf("@");
  const domain = escaped(folded.slice(at + 1)).replaceAll("\\.", "[.。]");
  const name = `${escaped(folded.slice(0, at + 1))}${domain}`;
  // Signs alone in front are a list's or a sentence's; behind a letter, an address has them. No domain ends with a hyphen or has a _.
  const alone = `(?<![${letter}](?:[.+_-]{0,64}|['’]))${name}(?![${letter}]|-+[${letter}]|\\.[a-z\\d])`;
  const local = folded.slice(0, at + 1);
  const isLikelyIn = (text: string, whole: () => string) => /[@＠﹫]/.test(text) && whole().includes(local);
  return { isLikelyIn, name: new RegExp(alone, "gu") };
}

function numberOf(key: string): Sought {
  const digits = key.replace("+", "");
  const groups = [...digits].join(between);
  // With 00 for the plus of other countries, and the 0 in brackets that is left out from abroad. +139… is a number of the country 1.
  const name = key.startsWith("+")
    ? `(?:\\+|00)${between}${[...digits].join(`(?:${between}\\(0\\))?${between}`)}`
    : `(?<!\\+\\d{1,3}${between})(?:(?:\\+|00)86${between}|(?<!\\+)(?:86${between})?)${groups}`;
  const last = new RegExp([...digits.slice(-4)].map(anyWriting).join("\\P{Nd}{0,16}"), "v");
  return {
    isLikelyIn: (text) => last.test(text),
    name: new RegExp(`(?<!\\d)${name}(?!\\d)`, "gu"),
  };
}

/** A digit as it is typed, or one of a writing that no hurry is needed for. */
function anyWriting(digit: string): string {
  const [full, chinese] = ["０１２３４５６７８９", "〇一二三四五六七八九"].map((ten) => ten[Number(digit)]);
  return `[${digit}${full}${chinese}零[\\p{Nd}--[0-9０-９]]]`;
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** The text with the mark of an erasure in the place of each. */
export function withoutNames(text: string, sought: readonly Sought[]): string {
  let once: string | null = null;
  const whole = () => {
    once ??= foldWhole(text);
    return once;
  };
  const likely = sought.filter((one) => one.isLikelyIn(text, whole));
  if (likely.length === 0) return text;
  const { folded, starts } = foldWithPlaces(text);
  const places: [from: number, to: number][] = [];
  for (const { name } of likely) {
    for (const { index, 0: found } of folded.matchAll(name)) {
      const from = opensBefore(folded, index, found) ? index - 1 : index;
      places.push([starts[from]!, starts[index + found.length]!]);
    }
  }
  let [left, end] = ["", 0];
  for (const [from, to] of places.sort(([one], [other]) => one - other)) {
    if (from >= end) left += text.slice(end, from) + erasedValue;
    end = Math.max(end, to);
  }
  return left + text.slice(end);
}

/** (139)1234.5678: the bracket in front is the number's. */
function opensBefore(folded: string, index: number, found: string): boolean {
  const closes = found.indexOf(")");
  return folded[index - 1] === "(" && closes >= 0 && !found.slice(0, closes).includes("(");
}

function foldWhole(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  const composed = withAsciiDigits(text.replaceAll(/\p{Cf}+/gu, "").normalize("NFKC"));
  return composed.toUpperCase().toLowerCase().normalize("NFKC").replaceAll("ς", "σ");
}

/** Parts that fold by themselves: a sign with what is put on it, in half width too, and what one syllable of Korean is made of. */
const parts = /[가-힣]?[ᄀ-ᇿ]+|\P{M}[\p{M}ﾞﾟ]*|\p{M}+/gu;

/** Folded part by part, with where in the text each sign of it begins, and behind the last where the text ends. */
function foldWithPlaces(text: string): { readonly folded: string; readonly starts: readonly number[] } {
  let folded = "";
  const starts: number[] = [];
  for (const { index, 0: part } of text.matchAll(parts)) {
    // ① and ² are no digits of a number beside them.
    const own = /\p{No}/u.test(part) ? part : foldWhole(part);
    for (let sign = 0; sign < own.length; sign++) starts.push(index);
    folded += own;
  }
  starts.push(text.length);
  return { folded, starts };
}
