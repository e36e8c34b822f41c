import { type Identity, isOwnIdentity } from "../../installation/identity.ts";
import { readSecretKey } from "../../installation/secrets.ts";
import type { ConfigContext, KeyedConfig } from "../command/contexts.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** Whether a restore has the key of what it restores, and Redis is no other installation's. */

interface Key {
  /** Of the backup, where it holds one. */
  readonly carried: string | null;
  /** The operator says that the present key is right although it is another. */
  readonly isNewKey: boolean;
}

/** The configuration with the key that is to be used; `isCarried` where that is the backup's, and kept nowhere else yet. */
export function keyForRestore(
  { completeConfig, source }: ConfigContext,
  identity: Identity | null,
  { carried, isNewKey }: Key,
): { readonly config: KeyedConfig; readonly isCarried: boolean } {
  const found = completeConfig("look");
  const hasOwn = Boolean(source.SECRET_KEY) || Boolean(readSecretKey(found.dataDir));
  if (!hasOwn && carried === null) throw noKey();
  const config = hasOwn ? found : { ...found, secretKey: carried as string };
  const isRight = identity === null || isOwnIdentity(identity, config);
  if (!isRight && !isNewKey) throw otherKey();
  return { config, isCarried: !hasOwn };
}

/** `owner`: of the keys in Redis, as the claim says it. */
export function refuseForeignRedis(owner: string | null, id: string | null): void {
  if (owner === null || (id !== null && owner.startsWith(`${id} `))) return;
  throw new CommandFailure(
    "Redis 中的键属于另一套系统：请设置另一个 REDIS_PREFIX 后重新执行。",
    "The keys in Redis are another installation's: set another REDIS_PREFIX and run it again.",
  );
}

function noKey(): CommandFailure {
  return new CommandFailure(
    "没有 SECRET_KEY：请设置备份时使用的密钥（或放回 DATA_DIR/secret-key）；没有任何改动。",
    "There is no SECRET_KEY: set the one of the backup, or put DATA_DIR/secret-key back. Nothing was changed.",
  );
}

function otherKey(): CommandFailure {
  return new CommandFailure(
    "SECRET_KEY 不是备份时使用的：请设置那个密钥；若它已丢失或泄露，请加 --new-key。没有任何改动。",
    "SECRET_KEY is not the one of the backup: set that one, or add --new-key if it is lost or was stolen. Nothing was changed.",
  );
}
