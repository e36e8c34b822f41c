import { closeSync, openSync, readSync } from "node:fs";
import { openDumpdataReader } from "./django-dumpdata.ts";
import { openMysqlReader } from "./django-mysql.ts";
import { openPostgresReader } from "./django-postgres.ts";
import { type DjangoReader, SourceError } from "./django-reader.ts";
import { openSqliteReader } from "./django-sqlite.ts";

/** Opens `mysql://…`, `postgres://…`, a SQLite file or a dumpdata file, told apart by its first bytes. */
export async function openDjangoSource(source: string): Promise<DjangoReader> {
  if (/^(mysql|mariadb):\/\//.test(source)) return openMysqlReader(source.replace(/^mariadb:/, "mysql:"));
  if (/^postgres(ql)?:\/\//.test(source)) return openPostgresReader(source);
  if (source.includes("://")) {
    throw new SourceError(
      "认识的来源：mysql://…、postgres://…、SQLite 文件、dumpdata 的 JSON 文件。",
      "Known sources: mysql://…, postgres://…, a SQLite file, a dumpdata JSON file.",
    );
  }
  return startsLikeSqlite(source) ? openSqliteReader(source) : openDumpdataReader(source);
}

function startsLikeSqlite(file: string): boolean {
  const start = Buffer.alloc(15);
  try {
    const descriptor = openSync(file, "r");
    readSync(descriptor, start, 0, 15, 0);
    closeSync(descriptor);
  } catch (error) {
    const reason = (error as Error).message;
    throw new SourceError(`无法读取 ${file}：${reason}`, `${file} can't be read: ${reason}`);
  }
  return start.toString("latin1") === "SQLite format 3";
}
