import { language } from "../language.ts";
import { knownProvider } from "./known-provider.ts";

/** A provider's title in the reader's language; its name where it is no longer known. */
export function providerName(provider: string): string {
  return knownProvider(provider)?.title[language.value === "en" ? "en" : "zh"] ?? provider;
}
