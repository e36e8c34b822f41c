import { existsSync } from "node:fs";
import { openDatabase } from "../../app/engines.ts";
import type { Config } from "../../config/config.ts";
import { countLacking, unknownNames } from "../../factors/lacking-accounts.ts";
import { rulesText } from "../../factors/policy-settings.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

/**
 * Who must have a second factor, how many of them have none, and whether the rules and issuers that are named exist. Prints
 * nothing where nobody must. The numbers are left out where the database doesn't answer, which another check reports.
 */
export async function checkSecondFactors(config: Config): Promise<Diagnosis[]> {
  return [...unknownIssuers(config), ...(await checkPolicy(config))];
}

function unknownIssuers({ trustedIssuers, oauth }: Config): Diagnosis[] {
  const known = new Set(oauth.providers.flatMap(({ configured }) => configured.map(({ name }) => name)));
  const unknown = [...new Set(trustedIssuers.map(({ provider }) => provider))].filter(
    (one) => !known.has(one),
  );
  if (unknown.length === 0) return [];
  const list = unknown.join(", ");
  return [
    warn(
      "second-factor",
      `MFA_TRUST_PROVIDERS 中的 ${list} 没有配置：请按 OIDC_<名称>_ISSUER 中的名称书写。`,
      `MFA_TRUST_PROVIDERS names ${list}, which is not configured: write it as in OIDC_<NAME>_ISSUER.`,
    ),
  ];
}

async function checkPolicy(config: Config): Promise<Diagnosis[]> {
  const { rules } = config.secondFactorPolicy;
  if (rules.length === 0) return [];
  if (config.database.engine === "sqlite" && !existsSync(config.database.file)) return [];
  const db = openDatabase(config);
  try {
    const unknown = await unknownNames(db, rules);
    return [judge(rulesText(rules), await countLacking(db, rules)), ...namedButUnknown(unknown)];
  } catch {
    return [];
  } finally {
    await db.close();
  }
}

function judge(who: string, count: number): Diagnosis {
  if (count === 0) {
    return ok(
      "second-factor",
      `必须开启两步验证的（${who}）都已开启。`,
      `Everybody who must have a second factor (${who}) has one.`,
    );
  }
  return warn(
    "second-factor",
    `必须开启两步验证的（${who}）中有 ${count} 个账号没有开启：second-factor missing 列出它们和期限。`,
    `Of those who must have a second factor (${who}) ${count} have none: second-factor missing lists them, and until when.`,
  );
}

function namedButUnknown(unknown: readonly string[]): Diagnosis[] {
  if (unknown.length === 0) return [];
  const list = unknown.join(", ");
  return [
    fail(
      "second-factor",
      `SECOND_FACTOR_REQUIRED_FOR 中的 ${list} 不存在，约束不了任何人：请改正名称，或先创建。`,
      `SECOND_FACTOR_REQUIRED_FOR names ${list}, which does not exist and so binds nobody: correct the name, or make it first.`,
    ),
  ];
}
