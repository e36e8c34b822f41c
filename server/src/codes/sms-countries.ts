import type { CountryCode } from "libphonenumber-js/min";
import { ConfigError, configProblem } from "../errors/config-problem.ts";
import { invalidFields } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import { SettingProblem } from "../errors/setting-problem.ts";
import { isForeignMobile, isVirtualMobile } from "../kernel/mobile.ts";

/**
 * To which countries SMS go: those of SMS_COUNTRIES, mainland China alone where it is not set. Attack: pumping, to have the
 * site pay for messages to numbers abroad that earn by them; guard: sms-countries.test.ts. What a number of another country
 * may be is libphonenumber's to know, which is loaded only where there is one.
 */
export interface SmsCountry {
  /** ISO 3166-1, two letters. */
  readonly country: string;
  /** In front of its numbers, without the plus sign. */
  readonly callingCode: string;
}

export interface SmsNumbers {
  /** Error: `invalid_fields` for a number of another country; it has its form already (kernel/mobile.ts). */
  expect(mobile: string | null): void;
  /** Why the site sends this number nothing, or null. */
  problem(mobile: string): FieldCode | null;
  /** ISO 3166-1, two letters; `ZZ` where nobody knows. */
  countryOf(mobile: string): string;
  /** In the order of the setting. */
  readonly countries: readonly SmsCountry[];
}

const china = { country: "CN", callingCode: "86" } as const;

/** Error: `ConfigError` for a country that has no numbers. */
export async function openSmsNumbers({
  smsCountries,
  smsRefusesVirtual,
}: {
  readonly smsCountries: readonly string[];
  readonly smsRefusesVirtual: boolean;
}): Promise<SmsNumbers> {
  const others = smsCountries.filter((one) => one !== china.country);
  const foreign = others.length === 0 ? null : await readerOf(others);
  const takesChina = smsCountries.includes(china.country);
  const takes = (mobile: string) =>
    isForeignMobile(mobile) ? foreign?.isValid(mobile) === true : takesChina;
  return {
    countries: smsCountries.map((country) => foreign?.countries.get(country) ?? china),
    countryOf: (mobile) => (isForeignMobile(mobile) ? (foreign?.countryOf(mobile) ?? "ZZ") : china.country),
    expect(mobile) {
      if (mobile !== null && !takes(mobile)) {
        throw invalidFields({ field: "mobile", code: "invalid_mobile" });
      }
    },
    problem(mobile) {
      if (!takes(mobile)) return "invalid_mobile";
      return smsRefusesVirtual && isVirtualMobile(mobile) ? "virtual_mobile" : null;
    },
  };
}

async function readerOf(codes: readonly string[]) {
  const { getCountryCallingCode, isSupportedCountry, parsePhoneNumberFromString } = await import(
    "libphonenumber-js/min"
  );
  const isSupported = (code: string) => isSupportedCountry(code as CountryCode);
  const supported = codes.filter((code): code is CountryCode => isSupported(code));
  const unknown = codes.find((code) => !isSupported(code));
  if (unknown !== undefined) {
    throw new ConfigError([
      configProblem("SMS_COUNTRIES", new SettingProblem("smsCountry", { value: unknown })),
    ]);
  }
  return {
    countries: new Map<string, SmsCountry>(
      supported.map((country) => [country, { country, callingCode: getCountryCallingCode(country) }]),
    ),
    countryOf: (mobile: string) => parsePhoneNumberFromString(mobile)?.country,
    isValid(mobile: string): boolean {
      const number = parsePhoneNumberFromString(mobile);
      // As it was written: a zero too many would be another number to the vendor.
      return number?.number === mobile && number.isValid() && supported.some((one) => one === number.country);
    },
  };
}
