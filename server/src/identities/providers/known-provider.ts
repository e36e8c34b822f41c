import { AppError } from "../../errors/errors.ts";
import type { KnownProvider, Providers } from "./providers.ts";

/** The provider of that name in a path. Error: `not_found`. */
export function knownProvider(providers: Providers, name: string): KnownProvider {
  const known = providers.find(name);
  if (!known) throw new AppError("not_found");
  return known;
}

/** Parameters of error texts that name a provider, in both languages. */
export function titles({ title }: Pick<KnownProvider, "title">): { provider: string; providerEn: string } {
  return { provider: title.zh, providerEn: title.en };
}
