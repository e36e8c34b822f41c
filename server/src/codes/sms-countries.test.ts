import { describe, expect, it, test } from "vitest";
import { openSmsNumbers } from "./sms-countries.ts";

const opened = (smsCountries: string[], smsRefusesVirtual = false) =>
  openSmsNumbers({ smsCountries, smsRefusesVirtual });

describe("whose numbers are taken", () => {
  it.each([
    // Mainland China alone, as where nothing is set.
    [["CN"], "13800138000", null],
    [["CN"], "+85251234567", "invalid_mobile"],
    [["CN"], "+447911123456", "invalid_mobile"],
    [["CN", "HK"], "13800138000", null],
    [["CN", "HK"], "+85251234567", null],
    [["CN", "HK"], "+8525123456", "invalid_mobile"],
    [["CN", "HK"], "+85366123456", "invalid_mobile"],
    [["HK"], "13800138000", "invalid_mobile"],
    [["HK"], "+85251234567", null],
    [["GB"], "+447400123456", null],
    // The zero of the country itself, left in: the vendor would take it for another number.
    [["GB"], "+4407911123456", "invalid_mobile"],
    // Of one calling code, two countries.
    [["US"], "+12133734253", null],
    [["CA"], "+12133734253", "invalid_mobile"],
  ])("with %j, %s: %s", async (countries, mobile, problem) => {
    expect((await opened(countries)).problem(mobile)).toBe(problem);
  });

  test("a virtual operator's is refused only where the site says so", async () => {
    for (const prefix of ["162", "165", "167", "170", "171"]) {
      const mobile = `${prefix}00138000`;
      expect((await opened(["CN"])).problem(mobile)).toBe(null);
      expect((await opened(["CN"], true)).problem(mobile)).toBe("virtual_mobile");
      const { expect: expectNumber } = await opened(["CN"], true);
      expect(() => expectNumber(mobile)).not.toThrow();
    }
  });

  test("the site's pages get them in the setting's order", async () => {
    expect((await opened(["HK", "CN"])).countries).toEqual([
      { country: "HK", callingCode: "852" },
      { country: "CN", callingCode: "86" },
    ]);
  });

  test("a country without numbers is told by its name", async () => {
    await expect(opened(["CN", "AQ"])).rejects.toThrow(/SMS_COUNTRIES/);
  });
});
