import { createSigner } from "fast-jwt";
import { type Clock, epochSeconds } from "../../../kernel/clock.ts";
import type { AppleSettings } from "./settings.ts";

/** Who ID tokens are by and client secrets for, whatever address Apple is reached at. */
export const appleIssuer = "https://appleid.apple.com";

/** Apple takes half a year. It is made for one request, so that none lies anywhere to expire or to be stolen. */
const lifeSeconds = 300;

/**
 * What Apple has for a client secret: a JWT by the team's key, ES256 (developer.apple.com, "Creating a client secret"). Guard:
 * client-secret.test.ts.
 */
export function createClientSecrets(
  { clientId, teamId, keyId, privateKey }: AppleSettings,
  clock: Clock,
): () => string {
  const sign = createSigner({ algorithm: "ES256", key: privateKey, kid: keyId });
  return () => {
    const iat = epochSeconds(clock);
    return sign({ iss: teamId, iat, exp: iat + lifeSeconds, aud: appleIssuer, sub: clientId });
  };
}
