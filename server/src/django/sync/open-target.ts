import { SourceError } from "../sources/django-reader.ts";
import { openMysqlTarget } from "./mysql-target.ts";
import { openPostgresTarget } from "./postgres-target.ts";
import { openSqliteTarget } from "./sqlite-target.ts";
import type { SyncTarget } from "./sync-target.ts";

/** Opens `mysql://…`, `postgres://…` or a SQLite file to write to it. */
export async function openSyncTarget(target: string): Promise<SyncTarget> {
  if (/^(mysql|mariadb):\/\//.test(target)) return openMysqlTarget(target.replace(/^mariadb:/, "mysql:"));
  if (/^postgres(ql)?:\/\//.test(target)) return openPostgresTarget(target);
  if (target.includes("://")) {
    throw new SourceError(
      "认识的目标：mysql://…、postgres://…、SQLite 文件。",
      "Known targets: mysql://…, postgres://…, a SQLite file.",
    );
  }
  return openSqliteTarget(target);
}
