/** Digits of every writing: Unicode keeps the ten of each together, in order. */

const decimal = /\p{Nd}/u;
/** As numbers are written digit by digit in Chinese. */
const chinese = "〇一二三四五六七八九";

/** The zero of the digit's own ten, as a code point. */
export function zeroOf(digit: string): number {
  let zero = digit.codePointAt(0)!;
  while (decimal.test(String.fromCodePoint(zero - 1))) zero--;
  return zero;
}

/** The text with the digits of other writings as ASCII ones: `١٣٨`, `१३८`, `１３８` and 一三八 are 138. */
export function withAsciiDigits(text: string): string {
  return text
    .replace(/(?![0-9])\p{Nd}/gu, (digit) => String((digit.codePointAt(0)! - zeroOf(digit)) % 10))
    .replace(/[〇零一二三四五六七八九]/g, (digit) => String(Math.max(0, chinese.indexOf(digit))));
}
