import { i18n, text } from "../language.ts";

/** A provider's name in the reader's language; one the site has no words for shows the name it was configured by. */
export function providerName(provider: string): string {
  const key = `provider.${provider}`;
  return i18n.global.te(key) ? text(key) : provider.charAt(0).toUpperCase() + provider.slice(1);
}
