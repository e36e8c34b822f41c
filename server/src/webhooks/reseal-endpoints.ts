import type { Db } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { createEndpointSecrets } from "./endpoint-secret.ts";
import { listEndpoints, writeEndpoint } from "./endpoint-store.ts";

/** Secrets of endpoints, where SECRET_KEY takes another's place. At most two of fifty endpoints. */
async function underBefore(db: Db, secretKeys: SecretKeys) {
  const secrets = createEndpointSecrets(secretKeys);
  return (await listEndpoints(db)).flatMap(({ id, sealed, sealed_before }) => {
    const now = secrets.reseal(sealed, id);
    const before = sealed_before === null ? null : secrets.reseal(sealed_before, id);
    const written = { ...(now && { sealed: now }), ...(before && { sealed_before: before }) };
    return now === null && before === null ? [] : [{ id, written }];
  });
}

/** How many endpoints could not sign without the keys before. */
export const countEndpointsUnderBefore = async (db: Db, secretKeys: SecretKeys): Promise<number> =>
  (await underBefore(db, secretKeys)).length;

/** Encrypts them under the present key, in the caller's transaction; returns how many. */
export async function resealEndpoints(transaction: Db, secretKeys: SecretKeys): Promise<number> {
  const found = await underBefore(transaction, secretKeys);
  for (const { id, written } of found) await writeEndpoint(transaction, id, written);
  return found.length;
}
