import { expect, it } from "vitest";
import { useMobileCountry } from "./mobile-country.ts";

const china = { country: "CN", callingCode: "86" };
const hongKong = { country: "HK", callingCode: "852" };

function begin(countries: readonly (typeof china)[], value = "") {
  let kept = value;
  const set = (next: string) => {
    kept = next;
  };
  const chosen = useMobileCountry(countries, { get: () => kept, set });
  return { chosen, kept: () => kept };
}

it("takes a number of mainland China as it is typed", () => {
  const { chosen, kept } = begin([china]);
  expect(chosen.country.value).toBe("CN");
  chosen.typed.value = "13800138000";
  expect(kept()).toBe("13800138000");
});

it("puts the calling code before a number of another country, without what people write between the digits", () => {
  const { chosen, kept } = begin([china, hongKong]);
  chosen.country.value = "HK";
  chosen.typed.value = "9123-4567";
  expect(kept()).toBe("+85291234567");
});

it("keeps what was typed where the country is chosen afterwards, both ways", () => {
  const { chosen, kept } = begin([china, hongKong]);
  chosen.typed.value = "91234567";
  chosen.country.value = "HK";
  expect(kept()).toBe("+85291234567");
  chosen.country.value = "CN";
  expect(kept()).toBe("91234567");
});

it("begins with the country of a number that is there, and with the first where China is none", () => {
  expect(begin([china, hongKong], "+85291234567").chosen.country.value).toBe("HK");
  expect(begin([hongKong]).chosen.country.value).toBe("HK");
  expect(begin([], "138").chosen.country.value).toBe("CN");
});

it("takes a whole number with its plus sign as it is", () => {
  const { chosen, kept } = begin([china, hongKong]);
  chosen.country.value = "HK";
  chosen.typed.value = "+85291234567";
  expect(kept()).toBe("+85291234567");
});
