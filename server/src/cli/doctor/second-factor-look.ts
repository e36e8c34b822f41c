import { openDatabase } from "../../app/engines.ts";
import type { Config } from "../../config/config.ts";
import type { Database } from "../../engines/database/database.ts";
import { hasSchema, requireDatabaseFile } from "../../engines/database/database-in-use.ts";
import { refuseUnfinished } from "../../engines/database/move-target.ts";
import { isOfPresentSchema } from "../../engines/database/schema-level.ts";
import { openSqlite } from "../../engines/database/sqlite.ts";
import { ToldError } from "../../errors/told-error.ts";
import { countLackingUntil, unknownNames } from "../../factors/lacking-accounts.ts";
import { rulesText } from "../../factors/policy-settings.ts";

/**
 * Who must have a second factor and hasn't, for check-config: a look at a database that may be another version's, away, or not
 * made yet. Promises: reads only and makes nothing; is done within some seconds; what can't be known is a sentence, never a failure.
 */
const longestMs = 5000;

export interface SecondFactorLook {
  /** As SECOND_FACTOR_REQUIRED_FOR writes it. */
  readonly required_for: string;
  /** Accounts of those without one; null where it is not known. */
  readonly lacking: number | null;
  /** Groups and permissions that are named and do not exist. */
  readonly unknown: readonly string[];
  /** Why the above is not known; null where it is. */
  readonly reason: { readonly zh: string; readonly en: string } | null;
}

/** Null where nobody must. */
export async function lookAtSecondFactors(config: Config): Promise<SecondFactorLook | null> {
  const { rules } = config.secondFactorPolicy;
  if (rules.length === 0) return null;
  const look = { required_for: rulesText(rules), lacking: null, unknown: [] };
  try {
    requireDatabaseFile(config);
  } catch {
    return { ...look, reason: reasons.none };
  }
  let db: Database | null = null;
  try {
    const { database } = config;
    db = database.engine === "sqlite" ? openSqlite(database.file, { toLook: true }) : openDatabase(config);
    if (!(await hasSchema(db))) return { ...look, reason: reasons.none };
    await refuseUnfinished(db);
    if (!(await isOfPresentSchema(db))) return { ...look, reason: reasons.otherSchema };
    const unknown = await unknownNames(db, rules);
    const lacking = await countLackingUntil(db, rules, performance.now() + longestMs);
    return { ...look, unknown, lacking, reason: lacking === null ? reasons.late : null };
  } catch (error) {
    return { ...look, reason: error instanceof ToldError ? reasons.incomplete : reasons.away };
  } finally {
    await db?.close();
  }
}

const reasons = {
  none: { zh: "数据库尚未建立", en: "there is no database yet" },
  otherSchema: { zh: "数据库的结构属于另一个版本", en: "the database has another version's schema" },
  incomplete: {
    zh: "数据库是备份，或是没有完成的迁移",
    en: "the database is a backup, or what a move did not complete",
  },
  away: { zh: "数据库打不开或没有回应", en: "the database can't be opened or doesn't answer" },
  late: {
    zh: `${longestMs / 1000} 秒内没有数完`,
    en: `they were not counted within ${longestMs / 1000} s`,
  },
} as const;

/** One line for people, beside the settings. */
export function lookText({ required_for: who, lacking, unknown, reason }: SecondFactorLook): {
  readonly zh: string;
  readonly en: string;
} {
  const names = unknown.join(", ");
  const [zhNames, enNames] =
    unknown.length === 0 ? ["", ""] : [`其中的 ${names} 不存在。`, ` Of these ${names} does not exist.`];
  if (reason !== null) {
    return {
      zh: `必须开启两步验证的：${who}。有多少账号没有开启尚不可知：${reason.zh}；数据库可用后请用 doctor 查看。${zhNames}`,
      en: `a second factor is demanded of ${who}; how many have none is not known, because ${reason.en}: doctor has it once the database is as it should be.${enNames}`,
    };
  }
  const [zhMore, enMore] =
    lacking === 0
      ? ["", ""]
      : ["：second-factor missing 列出它们和期限", ": second-factor missing lists them, and until when"];
  return {
    zh: `必须开启两步验证的：${who}。其中没有开启的账号：${lacking}${zhMore}。${zhNames}`,
    en: `a second factor is demanded of ${who}; accounts of those without one: ${lacking}${enMore}.${enNames}`,
  };
}
