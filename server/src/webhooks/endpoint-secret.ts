import { randomBytesOf } from "../kernel/ids.ts";
import { deriveKeys, type SecretKeys } from "../kernel/keys.ts";
import { reseal, seal, unsealByAny } from "../kernel/sealed.ts";

/**
 * What signs the deliveries to an endpoint: 32 random bytes, shown once as `whsec_…`. They are read at each delivery, so the
 * table has them encrypted under SECRET_KEY, each for its endpoint alone.
 */
const secretBytes = 32;
const factsOf = (endpointId: number) => `webhook endpoint ${endpointId}`;

export function createEndpointSecrets(secretKeys: SecretKeys) {
  const keys = deriveKeys(secretKeys, "webhook secret");
  return {
    make(endpointId: number): { readonly shown: string; readonly sealed: string } {
      const secret = randomBytesOf(secretBytes);
      const shown = `whsec_${secret.toString("base64")}`;
      return { shown, sealed: seal(keys[0], secret, factsOf(endpointId)) };
    },
    /** Null for one of a SECRET_KEY that nobody has any more. */
    open: (sealed: string, endpointId: number): Buffer | null =>
      unsealByAny(keys, sealed, factsOf(endpointId)),
    /** The same under the present key; null for what is already, and for what no key opens. */
    reseal: (sealed: string, endpointId: number): string | null => reseal(keys, sealed, factsOf(endpointId)),
  };
}

export type EndpointSecrets = ReturnType<typeof createEndpointSecrets>;
