/**
 * Whose number it is, where the site takes those of more than one country: the field shows what people write there, and the form
 * has what the API takes, the number alone of mainland China, `+` and the calling code of all others.
 */
import { computed, ref } from "vue";
import type { MobileCountry } from "../site-config.ts";

const home = "CN";

export function useMobileCountry(
  countries: readonly MobileCountry[],
  number: { get(): string; set(value: string): void },
) {
  const begun = countries.find(({ country, callingCode }) =>
    country === home ? false : number.get().startsWith(`+${callingCode}`),
  );
  const chosen = ref(
    (begun ?? countries.find(({ country }) => country === home) ?? countries[0])?.country ?? home,
  );
  const prefix = computed(() => {
    const found = countries.find(({ country }) => country === chosen.value);
    return found === undefined || found.country === home ? "" : `+${found.callingCode}`;
  });
  const local = () => (prefix.value === "" ? number.get() : number.get().replace(prefix.value, ""));
  return {
    country: computed({
      get: () => chosen.value,
      set(country: string) {
        const typed = local();
        chosen.value = country;
        number.set(typed === "" ? "" : `${prefix.value}${typed}`);
      },
    }),
    typed: computed({
      get: local,
      set(value: string) {
        const text = value.trim();
        // Whoever writes the whole number has chosen the country by it.
        const isWhole = text.startsWith("+") || text === "";
        number.set(prefix.value === "" || isWhole ? value : `${prefix.value}${text.replace(/[\s()-]/g, "")}`);
      },
    }),
  };
}
