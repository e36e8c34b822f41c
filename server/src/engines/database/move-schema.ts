import type { DatabaseSync } from "node:sqlite";
import type pg from "pg";
import { ToldError } from "../../errors/told-error.ts";

/** Throws a ToldError where source and target are not of one version, or the source is no database of ours. */
export async function refuseOtherSchema(source: DatabaseSync, target: pg.Client): Promise<void> {
  const list = source.prepare("select 1 from sqlite_master where name = 'schema_migrations'").get();
  if (list === undefined) {
    throw new ToldError(
      "--from 指定的文件不是本系统的账号数据库：请检查路径。",
      "The file after --from is not an account database of this product: check the path.",
    );
  }
  const read = "select name from schema_migrations order by name";
  const there = (await target.query(read)).rows.map(({ name }) => String(name));
  const here = source
    .prepare(read)
    .all()
    .map(({ name }) => String(name));
  if (there.some((name) => !here.includes(name))) {
    throw new ToldError(
      "源库的结构比目标库旧：请先用本版本程序对源库执行一次 npm run migrate（DATA_DIR 指向源库所在目录，不设 DATABASE_URL），再重新执行。",
      "The source's schema is older than the target's: run this version's npm run migrate on it (DATA_DIR is its folder, no DATABASE_URL), then this again.",
    );
  }
  if (here.some((name) => !there.includes(name))) {
    throw new ToldError(
      "源库的结构比本程序新：请用写出该源库的新版本程序执行 move-data。",
      "The source's schema is newer than this program: run move-data of the version that wrote it.",
    );
  }
}
