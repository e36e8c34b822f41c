import type { Db } from "../engines/database/database.ts";
import type { Claim } from "../engines/kv/redis-claim.ts";
import type { KvSettings } from "../engines/kv/settings.ts";
import { AppError } from "../errors/errors.ts";
import { ToldError } from "../errors/told-error.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import {
  changeIdentity,
  fingerprintsOf,
  type Identity,
  identityOf,
  isKeyBesideDatabase,
  isOwnIdentity,
  type OwnKey,
  readIdentity,
} from "./identity.ts";

/**
 * Keeps two installations from taking each other's jobs, codes and accounts: the database and the keys of a prefix in
 * Redis are one installation's, with one SECRET_KEY. Processes from before there were claims know nothing of this and are
 * let be, so that an upgrade may roll.
 */
export interface InstallationParts {
  readonly config: OwnKey & Pick<KvSettings, "redisPrefix">;
  readonly db: Db;
  readonly clock: Clock;
  /** Null without Redis. */
  readonly claim: Claim | null;
}

/** Resolves once all of it is this installation's. ToldError where something is another's; `unavailable` where it can't be asked. */
export async function holdInstallation({ config, db, clock, claim }: InstallationParts): Promise<void> {
  const mine = await ownIdentity(config, db, clock);
  if (claim === null) return;
  const owner = await claim.hold(ownerOf(mine));
  if (!isOwnClaim(owner, mine, config)) throw foreignRedis(config.redisPrefix, mine, owner);
}

async function ownIdentity(config: InstallationParts["config"], db: Db, clock: Clock): Promise<Identity> {
  const identity = await identityOf(db, config, clock);
  if (isOwnIdentity(identity, config)) return identity;
  if (isKeyBesideDatabase(config)) return changeIdentity(db, config.secretKey, identity.id);
  throw foreignKey();
}

/** Whose database and Redis are, for people. Changes nothing. */
export interface Ownership {
  /** Null before the first start. */
  readonly id: string | null;
  readonly database: "own" | "foreign" | "free";
  readonly redis: "own" | "foreign" | "free" | null;
  /** What a start would be refused with. */
  readonly trouble: ToldError | null;
}

export async function describeOwnership({
  config,
  db,
  claim,
}: Omit<InstallationParts, "clock">): Promise<Ownership> {
  const identity = await readIdentity(db);
  const isOwn = identity === null || isOwnIdentity(identity, config) || isKeyBesideDatabase(config);
  const owner = claim === null ? null : await claim.owner();
  const isOwnRedis = identity !== null && owner !== null && isOwnClaim(owner, identity, config);
  const foreign = isOwn ? null : foreignKey();
  return {
    id: identity?.id ?? null,
    database: identity === null ? "free" : isOwn ? "own" : "foreign",
    redis: claim === null ? null : owner === null ? "free" : isOwn && isOwnRedis ? "own" : "foreign",
    trouble:
      foreign ?? (owner === null || isOwnRedis ? null : foreignRedis(config.redisPrefix, identity, owner)),
  };
}

/** At a start: whether it is ours. False where that can't be asked yet; ToldError where it is another's. */
export async function holdAtStart(parts: InstallationParts): Promise<boolean> {
  try {
    await holdInstallation(parts);
    return true;
  } catch (error) {
    // Redis may come back later, and much works without it.
    if (error instanceof AppError && error.code === "unavailable") return false;
    throw error;
  }
}

/**
 * Looks every few seconds whether all of it is still this installation's: a Redis that was flushed is claimed anew before
 * somebody else's restart does. `changed` is called with each answer that differs from the one before.
 */
export function watchInstallation(
  parts: InstallationParts & { readonly log: Pick<Log, "error" | "info"> },
  isOursAtFirst: boolean,
  changed: (isOurs: boolean) => void,
): { stop(): void } {
  let isOurs = isOursAtFirst;
  let isTold = false;
  const tell = (now: boolean, error?: ToldError) => {
    if (error && !isTold) parts.log.error({ err: error }, "the worker rests: another installation's");
    isTold = error !== undefined;
    if (now === isOurs) return;
    if (now) parts.log.info({}, "database and Redis are this installation's");
    isOurs = now;
    changed(now);
  };
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  const lookLater = () => {
    if (isStopped) return;
    timer = setTimeout(() => void look().finally(lookLater), isOurs ? 5000 : 1000);
    timer.unref();
  };
  const look = async () => {
    try {
      await holdInstallation(parts);
      tell(true);
    } catch (error) {
      // One that can't be asked may be anybody's: as before, until it answers.
      if (error instanceof ToldError) tell(false, error);
      else if (!(error instanceof AppError)) parts.log.error({ err: error }, "the claim can't be looked at");
    }
  };
  lookLater();
  return {
    stop() {
      isStopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}

/** Also one that was made before SECRET_KEY was replaced, or while it is. */
function isOwnClaim(
  owner: string,
  { id, fingerprint }: Identity,
  config: InstallationParts["config"],
): boolean {
  return [fingerprint, ...fingerprintsOf(config, id)].some(
    (one) => owner === ownerOf({ id, fingerprint: one }),
  );
}

/** What is in Redis. */
export function ownerOf({ id, fingerprint }: Identity): string {
  return `${id} ${fingerprint}`;
}

const takeOver = "npm run manage -- installation take-over --yes";

function foreignKey(): ToldError {
  return new ToldError(
    `SECRET_KEY 与此数据库一直使用的不同：请填写正确的密钥或换一个 DATABASE_URL；若是有意更换密钥，请把原来的放入 SECRET_KEY_FALLBACKS；原来的已丢失时，请停止所有进程后执行 ${takeOver}。`,
    `SECRET_KEY is not the one that this database has been used with: set that one, or another DATABASE_URL; if the key was changed on purpose, put the one before into SECRET_KEY_FALLBACKS, or, where that is lost, stop every process and run "${takeOver}".`,
  );
}

function foreignRedis(prefix: string, mine: Identity | null, owner: string): ToldError {
  const where =
    prefix === ""
      ? { zh: "（没有前缀）", en: "without a prefix" }
      : { zh: `（前缀 ${prefix}）`, en: `under the prefix ${prefix}` };
  const who =
    mine !== null && owner.startsWith(`${mine.id} `)
      ? { zh: "属于使用另一个 SECRET_KEY 的本系统", en: "are this installation's under another SECRET_KEY" }
      : { zh: "属于另一套系统", en: "are another installation's" };
  return new ToldError(
    `Redis 中的键${where.zh}${who.zh}：请设置另一个 REDIS_PREFIX；若原来的系统已不再使用（恢复备份、更换密钥），请停止所有进程后执行 ${takeOver}。`,
    `The keys in Redis ${where.en} ${who.en}: set another REDIS_PREFIX; if that one is gone for good (after a restore or a change of the key), stop every process and run "${takeOver}".`,
  );
}
