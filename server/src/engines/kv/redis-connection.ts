import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { BaseLogger } from "pino";
import { AppError } from "../../errors/errors.ts";
import { createTurnWrites } from "../../kernel/turn-writes.ts";
import { within } from "../../kernel/within.ts";
import { parseRedisUrl } from "./redis-address.ts";
import { infoOrNothing } from "./redis-info.ts";

/**
 * Connections to Redis, of two kinds. Prompt: a command is answered or fails within two seconds, is never
 * queued while Redis is away and never sent again by itself, so that a request that was answered 503 leaves
 * nothing behind that happens later. Patient: waits for Redis as long as it takes, for a worker's blocking
 * reads. Both reconnect by themselves, at the latest a second after Redis is back.
 */
export type RedisClient = Redis | Cluster;
export type Temper = "prompt" | "patient";

const promptLimitMillis = 1500;
/** In a Cluster a request may meet the node that hangs twice: with the queue, and to take its flag back. */
const promptNodeLimitMillis = 800;
/**
 * Above the ten seconds for which BullMQ's reads block at most. A node that hangs or is cut off keeps its connections,
 * and without a limit a worker waits on them for good, long after its replica has taken over.
 */
const patientSilenceMillis = 15_000;

export function connectRedis(
  url: string,
  temper: Temper,
  log: Pick<BaseLogger, "info" | "warn">,
): RedisClient {
  const address = parseRedisUrl(url);
  const tls = address.tls ? (address.authority === null ? {} : { ca: address.authority }) : null;
  const limitMillis = address.mode === "cluster" ? promptNodeLimitMillis : promptLimitMillis;
  const retryStrategy = (times: number) => Math.min(100 * times, 1000);
  const shared: RedisOptions = {
    connectionName: `meiduo-${temper}`,
    connectTimeout: promptLimitMillis,
    keepAlive: 10_000,
    ...(address.username ? { username: address.username } : {}),
    ...(address.password ? { password: address.password } : {}),
    ...(tls ? { tls } : {}),
    ...(temper === "prompt"
      ? {
          commandTimeout: limitMillis,
          socketTimeout: limitMillis,
          maxRetriesPerRequest: 0,
          autoResendUnfulfilledCommands: false,
        }
      : { maxRetriesPerRequest: null, socketTimeout: patientSilenceMillis }),
    // After a Sentinel fail-over the old master refuses writes: look for the new one.
    reconnectOnError: (error) => /^READONLY/.test(error.message),
  };
  const enableOfflineQueue = temper === "patient";
  let client: RedisClient;
  if (address.mode === "cluster") {
    client = new Cluster([...address.hosts], {
      redisOptions: shared,
      enableOfflineQueue,
      clusterRetryStrategy: retryStrategy,
      slotsRefreshInterval: 2000,
      // Prompt: half a second, 100 ms apart, for slots that have no master yet; and a command whose connection broke is
      // not sent again, or a node that hangs would be waited for several times over.
      // Patient: ready as soon as the slots are known. While the Cluster is not sound ioredis' own check lets the promise of
      // connect() pend for good, and a BullMQ worker awaits that and would take no job again (fault/redis-cluster-worker).
      ...(temper === "prompt"
        ? { maxRedirections: 5, retryDelayOnFailover: 0 }
        : { enableReadyCheck: false }),
      slotsRefreshTimeout: promptLimitMillis,
      // Answers with TLS carry names, and certificates are checked against them.
      ...(address.tls ? { dnsLookup: (host, callback) => callback(null, host) } : {}),
    });
  } else if (address.mode === "sentinel") {
    client = new Redis({
      ...shared,
      db: address.db,
      enableOfflineQueue,
      retryStrategy,
      sentinels: [...address.hosts],
      name: address.master ?? "",
      sentinelRetryStrategy: retryStrategy,
      // Two switches: the first for the master, the second for the Sentinels themselves.
      enableTLSForSentinelMode: address.tls,
      ...(tls ? { sentinelTLS: tls } : {}),
      ...(address.sentinelUsername ? { sentinelUsername: address.sentinelUsername } : {}),
      ...(address.sentinelPassword ? { sentinelPassword: address.sentinelPassword } : {}),
    });
  } else {
    client = new Redis({ ...shared, ...address.hosts[0], db: address.db, enableOfflineQueue, retryStrategy });
  }
  if (client instanceof Redis && temper === "prompt") writeOncePerTurn(client);
  // Each request that comes while Redis is not there yet waits for it with a listener of its own.
  client.setMaxListeners(0);
  reportChanges(client, temper, log);
  return infoOrNothing(client);
}

/** Of the commands of one turn; those of a Cluster go to many nodes. ioredis' own batching is dearer than its gain. */
function writeOncePerTurn(client: Redis): void {
  const hold = createTurnWrites();
  const sendCommand = client.sendCommand.bind(client);
  client.sendCommand = (command, stream) => {
    if (client.status === "ready") hold(client.stream);
    return sendCommand(command, stream);
  };
}

/** One line when Redis goes away and one when it is back, not one per attempt. */
function reportChanges(client: RedisClient, connection: Temper, log: Pick<BaseLogger, "info" | "warn">) {
  let away = false;
  client.on("error", (error: Error) => {
    if (!away) log.warn({ err: error, connection }, "Redis can't be reached");
    away = true;
  });
  client.on("ready", () => {
    if (away) log.info({ connection }, "Redis is back");
    away = false;
  });
}

/** Resolves once the connection can be used, or after the time; then the first command tells what is wrong. */
export async function redisReady(client: RedisClient, limitMillis: number): Promise<boolean> {
  if (client.status === "ready") return true;
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      client.off("ready", finish);
      resolve(client.status === "ready");
    };
    const timer = setTimeout(finish, limitMillis);
    client.once("ready", finish);
  });
}

/** Errors by which Redis says that it can't serve now, as opposed to a mistake of ours. */
const passing =
  /^(?:ERR Error running script .*: ?-)?(LOADING|OOM|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|BUSY)\b/;

/** Redis 6.2 puts what a script met behind a text of its own. Pure. */
export function isPassingReply(message: string): boolean {
  return passing.test(message);
}

/** Runs a command of a prompt connection; its failures become AppError `unavailable`. */
export async function orUnavailable<Result>(command: () => Promise<Result>): Promise<Result> {
  try {
    return await command();
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError" && !isPassingReply(error.message)) throw error;
    throw new AppError("unavailable", { retryAfterSeconds: 2, cause: error });
  }
}

/** Says good-bye, which a Redis that hangs never answers, and is gone within a second in any case. */
export async function closeRedis(client: RedisClient): Promise<void> {
  if (client.status === "ready") {
    await within(
      1000,
      client.quit().catch(() => {}),
    );
  }
  client.disconnect();
  // A TLS handshake that is ended politely where the certificate isn't trusted reports two errors (Node 26), and
  // ioredis listens for one: the second would end the process.
  const connections = client instanceof Cluster ? client.nodes() : [client];
  for (const { status, stream } of connections) if (status === "connecting") stream?.destroy();
}
