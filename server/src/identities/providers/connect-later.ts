import type { ProviderClient } from "./provider.ts";

/** A client whose library is loaded by the first person who uses it: no start waits for it. */
export function connectLater(
  create: () => Promise<ProviderClient>,
): ProviderClient & { load(): Promise<void> } {
  let made: Promise<ProviderClient> | null = null;
  const client = () => {
    made ??= create().catch((error) => {
      // The next visitor tries again.
      made = null;
      throw error;
    });
    return made;
  };
  return {
    authorizationUrl: async (flow) => (await client()).authorizationUrl(flow),
    identify: async (callback) => (await client()).identify(callback),
    revoke: async (grant) => (await client()).revoke?.(grant),
    load: async () => {
      await client();
    },
  };
}
