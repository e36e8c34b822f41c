import { siteConfig } from "../api.ts";
import { i18n, language, text } from "../language.ts";

/** A provider's name in the reader's language: the site's own words, else its title in the configuration. */
export function providerName(provider: string): string {
  const key = `provider.${provider}`;
  if (i18n.global.te(key)) return text(key);
  const title = siteConfig().providers.find(({ name }) => name === provider)?.title;
  return title?.[language.value === "en" ? "en" : "zh"] ?? provider;
}
