import { dirname } from "node:path";
import { type Db, statement } from "../engines/database/database.ts";
import type { DatabaseSettings } from "../engines/database/settings.ts";
import type { Clock } from "../kernel/clock.ts";
import { randomId } from "../kernel/ids.ts";
import { deriveKey, hmac, secretKeysOf } from "../kernel/keys.ts";
import { isKeptIn } from "./secrets.ts";
import type { InstallationSettings } from "./settings.ts";

/**
 * The identity of an installation: an id in its database, and a fingerprint of its SECRET_KEY, from which the key can't
 * be got. Promise: of processes that start at once with different keys on a new database exactly one's key is recorded
 * (guard: installation.race.test.ts). Two with one id and one key are processes of one installation, on any machine.
 */
export interface Identity {
  readonly id: string;
  readonly fingerprint: string;
}

export type OwnKey = DatabaseSettings &
  Pick<InstallationSettings, "dataDir" | "secretKeyFallbacks"> & { readonly secretKey: string };

const find = statement<Record<never, never>, Identity>("installation.find", (db) =>
  db.selectFrom("installation").select(["id", "fingerprint"]),
);

const record = statement<Identity & { at: number }, never>("installation.record", (db, values) =>
  db
    .insertInto("installation")
    .values({ singleton: 1, id: values.id, fingerprint: values.fingerprint, created_at: values.at })
    .onConflict((conflict) => conflict.doNothing()),
);

const change = statement<Identity, never>("installation.change", (db, { id, fingerprint }) =>
  db.updateTable("installation").set({ id, fingerprint }),
);

/** Null before the first start. */
export function readIdentity(db: Db): Promise<Identity | null> {
  return db.first(find, {});
}

/** The database's; recorded now where there is none. Its fingerprint may be another key's: the caller compares. */
export async function identityOf(db: Db, own: OwnKey, clock: Clock): Promise<Identity> {
  const known = await readIdentity(db);
  if (known) return known;
  const id = randomId();
  await db.first(record, { id, fingerprint: fingerprintOf(own.secretKey, id), at: clock.now() });
  return (await readIdentity(db)) as Identity;
}

/** Records this key, and this id, whatever was known before: only where the operator says so. */
export async function changeIdentity(db: Db, secretKey: string, id: string): Promise<Identity> {
  const changed = { id, fingerprint: fingerprintOf(secretKey, id) };
  await db.first(change, changed);
  return changed;
}

/** 131 bits; bound to the id, so that two installations with one key don't show it. */
function fingerprintOf(secretKey: string, id: string): string {
  return hmac(deriveKey(secretKey, "installation"), id).toString("base64url").slice(0, 22);
}

/** Whether the database was used with this key, or with one that it took the place of (SECRET_KEY_FALLBACKS). */
export function isOwnIdentity(
  { id, fingerprint }: Identity,
  own: Parameters<typeof secretKeysOf>[0],
): boolean {
  return fingerprintsOf(own, id).includes(fingerprint);
}

/** As `fingerprintOf`, of the present key and of those before it. */
export function fingerprintsOf(own: Parameters<typeof secretKeysOf>[0], id: string): readonly string[] {
  return secretKeysOf(own).map((key) => fingerprintOf(key, id));
}

/**
 * Whether the key's file lies beside the database's: then they are of one installation wherever they are, and a key that
 * was made anew because the file was lost (installation/secrets.ts tells of it) is the right one from now on.
 */
export function isKeyBesideDatabase({ database, dataDir, secretKey }: OwnKey): boolean {
  return database.engine === "sqlite" && dirname(database.file) === dataDir && isKeptIn(dataDir, secretKey);
}
