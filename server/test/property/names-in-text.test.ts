import fc from "fast-check";
import { expect, it } from "vitest";
import { seek, withoutNames } from "../../src/rights/names-in-text.ts";

/** Any text: the name goes out of it however it is typed, and everything around it stays, sign for sign. */
const number = "13912345678";
const address = "ärger.person@mail.example";
const sought = seek([number, address]);

const wide = (text: string) =>
  text.replaceAll(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));
const separator = fc.constantFrom("", " ", "-", ".", " - ", "　", "\u200b", "–");
const typedNumber = fc
  .tuple(fc.constantFrom("", "+86 ", "86", "0086-"), separator, separator, fc.boolean())
  .map(([code, one, other, isWide]) => {
    const typed = `${code}139${one}1234${other}5678`;
    return isWide ? wide(typed) : typed;
  });
const typedAddress = fc
  .tuple(fc.constantFrom(address, address.normalize("NFD"), address.toUpperCase()), fc.boolean())
  .map(([typed, isWide]) => (isWide ? wide(typed) : typed));
/** Neither digits nor letters of addresses touch the name, and no sign is put on it. */
const around = fc.string({ unit: "grapheme", maxLength: 40 });
const edge = fc.constantFrom("，", " | ", "“", "。", "\n:");

it("takes the name out alone", () => {
  fc.assert(
    fc.property(
      fc.tuple(around, edge, fc.oneof(typedNumber, typedAddress), edge, around),
      ([before, left, name, right, after]) => {
        const [head, tail] = [`${before}${left}`, `${right}${after}`];
        expect(withoutNames(`${head}${name}${tail}`, sought)).toBe(`${head}(erased)${tail}`);
      },
    ),
    { numRuns: 2000 },
  );
});

it("leaves a text without it as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(withoutNames(text, sought)).toBe(text);
    }),
    { numRuns: 2000 },
  );
});
