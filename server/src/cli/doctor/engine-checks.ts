import { existsSync } from "node:fs";
import { sql } from "kysely";
import pg from "pg";
import type { Config } from "../../config/config.ts";
import type { Database } from "../../engines/database/database.ts";
import { hasSchema } from "../../engines/database/database-in-use.ts";
import { openPostgres } from "../../engines/database/postgres.ts";
import { explainPostgres } from "../../engines/database/postgres-trouble.ts";
import { probeDatabase } from "../../engines/database/probe.ts";
import { migrationFiles, refuseNewerThan } from "../../engines/database/schema-level.ts";
import { openSqlite } from "../../engines/database/sqlite.ts";
import { tryDatabase } from "../../engines/database/trial.ts";
import { closeRedis, connectRedis, redisReady } from "../../engines/kv/redis-connection.ts";
import { type RedisFacts, redisFacts } from "../../engines/kv/redis-facts.ts";
import { redisKeys } from "../../engines/kv/redis-keys.ts";
import { createRedisKv } from "../../engines/kv/redis-kv.ts";
import { tryCommands } from "../../engines/kv/redis-trial.ts";
import { ToldError } from "../../errors/told-error.ts";
import type { Clock } from "../../kernel/clock.ts";
import { checkClock } from "./clock-checks.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

/** Database and Redis: reachable, new enough, and of one time with this machine. */
export async function checkEngines(config: Config, clock: Clock): Promise<Diagnosis[]> {
  return [
    ...(config.database.engine === "sqlite"
      ? await checkSqlite(config.database.file)
      : await checkPostgres(config.database.url, clock)),
    ...(config.redisUrl === null ? [] : await checkRedis(config.redisUrl, config.redisPrefix, clock)),
  ];
}

/** What a start would meet: a newer program's schema, no right to change it, or none to the tables that requests use. */
async function tryWork(db: Database): Promise<void> {
  await tryDatabase(db);
  if (!(await hasSchema(db))) return;
  await refuseNewerThan(db, migrationFiles().level);
  await probeDatabase(db);
}

async function checkSqlite(file: string): Promise<Diagnosis[]> {
  if (!existsSync(file)) {
    return [
      warn(
        "database",
        `${file} 尚不存在，首次启动时创建；若已有账号，请把 DATA_DIR 设为服务所用的目录。`,
        `${file} does not exist yet; the first start makes it. If there are accounts already, set DATA_DIR to the server's folder.`,
      ),
    ];
  }
  try {
    const db = openSqlite(file);
    try {
      const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db.kysely);
      const { rows: versions } = await sql<{ v: string }>`select sqlite_version() as v`.execute(db.kysely);
      const verdict = rows[0]?.quick_check ?? "";
      if (verdict === "ok") await tryWork(db);
      if (verdict !== "ok") {
        return [
          fail(
            "database",
            `${file} 已损坏：${verdict}。请从备份恢复。`,
            `${file} is damaged: ${verdict}. Restore a backup.`,
          ),
        ];
      }
      return [
        ok(
          "database",
          `SQLite ${versions[0]?.v}，${file} 完好。`,
          `SQLite ${versions[0]?.v}, ${file} is sound.`,
        ),
      ];
    } finally {
      await db.close();
    }
  } catch (error) {
    if (error instanceof ToldError) return [fail("database", error.zh, error.en)];
    const reason = (error as Error).message;
    return [
      fail(
        "database",
        `${file} 打不开：${reason}。请检查其权限，或用 DATABASE_URL 指定另一个文件。`,
        `${file} can't be opened: ${reason}. Check its permissions, or name another file in DATABASE_URL.`,
      ),
    ];
  }
}

async function checkPostgres(url: string, clock: Clock): Promise<Diagnosis[]> {
  const { host } = new URL(url);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query(
      "select current_setting('server_version_num')::int as version, extract(epoch from clock_timestamp()) * 1000 as now, current_setting('max_connections')::int as connections, pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()",
    );
    const { version, now, connections, encoding } = rows[0] as Record<string, string | number>;
    const major = Math.floor(Number(version) / 10_000);
    const found = [
      major >= 13
        ? ok("database", `PostgreSQL ${major}（${host}）。`, `PostgreSQL ${major} at ${host}.`)
        : warn(
            "database",
            `PostgreSQL ${major} 已停止维护，请升级到 13 以上。`,
            `PostgreSQL ${major} is out of support: upgrade to 13 or newer.`,
          ),
    ];
    if (encoding !== "UTF8") {
      found.push(
        fail(
          "database",
          `数据库编码是 ${encoding}，中文会出错；请用 UTF8 重建。`,
          `The database's encoding is ${encoding}: names will break. Make it anew with UTF8.`,
        ),
      );
    }
    if (Number(connections) < 50) {
      found.push(
        warn(
          "database",
          `max_connections 只有 ${connections}，几个进程就会用完。请在 postgresql.conf 中设为 100 以上。`,
          `max_connections is only ${connections}, which a few processes use up. Set 100 or more in postgresql.conf.`,
        ),
      );
    }
    found.push(checkClock("PostgreSQL", Number(now), clock));
    const db = openPostgres({ url, poolSize: 1 });
    await tryWork(db).finally(() => db.close());
    return found;
  } catch (error) {
    const told = error instanceof ToldError ? error : explainPostgres(error, url);
    if (told !== null) return [fail("database", told.zh, told.en)];
    const reason = (error as Error).message;
    return [
      fail(
        "database",
        `PostgreSQL（${host}）连不上：${reason}。请确认它已启动，并检查 DATABASE_URL 的主机、端口、账号和库名。`,
        `PostgreSQL at ${host} can't be reached: ${reason}. See that it runs, and check host, port, account and database in DATABASE_URL.`,
      ),
    ];
  } finally {
    await client.end();
  }
}

async function checkRedis(url: string, prefix: string, clock: Clock): Promise<Diagnosis[]> {
  const client = connectRedis(url, "prompt", { info: () => {}, warn: () => {} });
  try {
    if (!(await redisReady(client, 5_000))) {
      return [
        fail(
          "redis",
          "Redis 连不上，请检查 REDIS_URL 与防火墙。",
          "Redis can't be reached: check REDIS_URL and the firewall.",
        ),
      ];
    }
    const facts = await redisFacts(client);
    if (facts.isReplica) return [replica];
    const found = checkRedisFacts(facts);
    const [seconds] = await client.time();
    found.push(checkClock("Redis", Number(seconds) * 1000, clock));
    await tryCommands(client, redisKeys(prefix));
    await createRedisKv(client, redisKeys(prefix)).probe();
    return found;
  } catch (error) {
    if (error instanceof ToldError) return [fail("redis", error.zh, error.en)];
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    if (/\bOOM\b/.test(reason)) return [full];
    return [
      fail(
        "redis",
        `Redis 出错：${reason}。请检查 REDIS_URL 的账号及其可用的命令。`,
        `Redis fails: ${reason}. Check the account in REDIS_URL and which commands it may use.`,
      ),
    ];
  } finally {
    await closeRedis(client);
  }
}

// What a start waits out and readiness names; here somebody reads it who can end it.
const full = fail(
  "redis",
  "Redis 内存已满，验证码和邮件任务都写不进去：请提高 maxmemory（redis-cli CONFIG SET maxmemory …，并写入 redis.conf）。",
  "Redis is full, so it takes neither codes nor mails: raise maxmemory (redis-cli CONFIG SET maxmemory …, and in redis.conf).",
);
const replica = fail(
  "redis",
  "REDIS_URL 指向只读的副本：请填写主库，或用 redis+sentinel://…。",
  "REDIS_URL leads to a replica, which takes no writes: name the master, or use redis+sentinel://.",
);

/** What a Redis says of itself, or that it says nothing. Pure. */
export function checkRedisFacts({ version, policy, hasAof }: RedisFacts): Diagnosis[] {
  const found = [version === null ? unchecked("redis", "版本", "version") : checkRedisVersion(version)];
  if (policy === null) {
    found.push(
      unchecked("redis-eviction", "maxmemory-policy（须为 noeviction）", "maxmemory-policy (noeviction)"),
    );
  } else if (policy !== "noeviction") {
    found.push(
      fail(
        "redis-eviction",
        `maxmemory-policy 是 ${policy}：内存满时会丢弃邮件任务和验证码。请设为 noeviction。`,
        `maxmemory-policy is ${policy}: a full memory drops queued mails and codes. Set it to noeviction.`,
      ),
    );
  }
  if (hasAof === null) {
    found.push(unchecked("redis-persistence", "appendonly（须为 yes）", "appendonly (yes)"));
  } else if (!hasAof) {
    found.push(
      warn(
        "redis-persistence",
        "没有开启 AOF：Redis 重启会丢失刚排队的邮件。请设 appendonly yes。",
        "AOF is off: a restart of Redis loses mails that were just queued. Set appendonly yes.",
      ),
    );
  }
  return found;
}

function unchecked(check: string, zh: string, en: string): Diagnosis {
  return warn(
    check,
    `无法检查 Redis 的 ${zh}：REDIS_URL 的账号不能执行 INFO，也不能用 CONFIG GET 或 HELLO 查到。请用管理员账号查看，或执行 ACL SETUSER <账号> +info。`,
    `Redis' ${en} could not be checked: the account in REDIS_URL may not run INFO, and CONFIG GET and HELLO didn't tell. Look as its administrator, or run ACL SETUSER <account> +info.`,
  );
}

/** 6.2 is what BullMQ asks for. Pure. */
export function checkRedisVersion(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 6 || (major === 6 && minor >= 2)) return ok("redis", `Redis ${version}。`, `Redis ${version}.`);
  return fail(
    "redis",
    `Redis ${version} 太旧，请升级到 6.2 以上。`,
    `Redis ${version} is too old: upgrade to 6.2 or newer.`,
  );
}
