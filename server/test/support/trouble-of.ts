import { expect } from "vitest";
import { ProviderTrouble } from "../../src/identities/providers/provider.ts";

/** What a call to a provider fails with, which must be a trouble of the provider's. */
export async function troubleOf(promise: Promise<unknown>): Promise<ProviderTrouble> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProviderTrouble);
  return error as ProviderTrouble;
}
