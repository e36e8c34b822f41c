import type { Config } from "../../config/config.ts";
import type { Db } from "../../engines/database/database.ts";
import { countFactorsUnderBefore } from "../../factors/reseal-factors.ts";
import { isOwnIdentity, readIdentity } from "../../installation/identity.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { disownMillis } from "../../sessions/disown-token.ts";
import { countUnderBefore } from "../../sessions/keys/reseal-keys.ts";
import { countEndpointsUnderBefore } from "../../webhooks/reseal-endpoints.ts";

/** What still needs the keys of SECRET_KEY_FALLBACKS, and until when. */
export interface FallbackState {
  /** Encrypted values, and the database's fingerprint: `keys reencrypt` writes them anew. */
  readonly held: number;
  /** When `keys reencrypt` was last done; null where it was not since then. */
  readonly doneAt: number | null;
  /** When the last token and link of before has ended, epoch milliseconds; null before `keys reencrypt`. */
  readonly neededUntil: number | null;
}

export const reencryptAction = "system.reencrypt";

type KeyedConfig = Config & { readonly secretKey: string };

export async function fallbackState(db: Db, config: KeyedConfig): Promise<FallbackState> {
  const identity = await readIdentity(db);
  const isRecorded = identity === null || isOwnIdentity(identity, { ...config, secretKeyFallbacks: [] });
  const keys = secretKeysOf(config);
  const sealed =
    (await countUnderBefore(db, keys)) +
    (await countFactorsUnderBefore(db, keys)) +
    (await countEndpointsUnderBefore(db, keys));
  const held = sealed + (isRecorded ? 0 : 1);
  const done = await db.kysely
    .selectFrom("audit_entries")
    .select("at")
    .where("action", "=", reencryptAction)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  const doneAt = held > 0 ? null : (done?.at ?? null);
  return { held, doneAt, neededUntil: doneAt === null ? null : await endOfBefore(db, config, doneAt) };
}

/** By then whatever was signed before `at` has ended, as the settings are now; invitations by their own end. */
async function endOfBefore(db: Db, config: KeyedConfig, at: number): Promise<number> {
  const { visitors, staff } = config.sessionLimits;
  const seconds = Math.max(
    config.tokenLifeSeconds,
    config.foreignTokens.lifeSeconds,
    config.shortTokenLifeSeconds + Math.max(visitors.idleSeconds, staff.idleSeconds),
    disownMillis / 1000,
  );
  const last = await db.kysely
    .selectFrom("invitations")
    .select("expires_at")
    .where("created_at", "<=", at)
    .orderBy("expires_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return Math.max(at + seconds * 1000, last?.expires_at ?? 0);
}
