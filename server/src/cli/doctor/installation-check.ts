import { existsSync } from "node:fs";
import { openDatabase } from "../../app/engines.ts";
import type { Config } from "../../config/config.ts";
import { describeOwnership } from "../../installation/installation.ts";
import { withRedisClaim } from "../../installation/redis-claim-of.ts";
import { type Diagnosis, fail, ok } from "./diagnosis.ts";

/**
 * Whether database and Redis are this installation's. Prints nothing where one of them doesn't answer, which another
 * check reports, nor for a database that no start has made yet.
 */
export async function checkInstallation(
  config: Config & { readonly secretKey: string },
): Promise<Diagnosis[]> {
  if (config.database.engine === "sqlite" && !existsSync(config.database.file)) return [];
  try {
    const db = openDatabase(config);
    const { id, redis, trouble } = await withRedisClaim(config, (claim) =>
      describeOwnership({ config, db, claim }),
    ).finally(() => db.close());
    if (trouble !== null) return [fail("installation", trouble.zh, trouble.en)];
    if (id === null) return [];
    const prefix = config.redisPrefix === "" ? "" : ` ${config.redisPrefix}`;
    return [
      redis === null
        ? ok("installation", `编号 ${id}，数据库属于本系统。`, `${id}: the database is its own.`)
        : ok(
            "installation",
            `编号 ${id}，数据库和 Redis${prefix} 属于本系统或尚无归属。`,
            `${id}: the database is its own, and Redis${prefix} is its own or nobody's yet.`,
          ),
    ];
  } catch {
    return [];
  }
}
