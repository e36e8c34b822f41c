import { SettingProblem } from "../errors/setting-problem.ts";
import { readDay } from "../kernel/settings/day.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { integer, itemsOf, parsed } from "../kernel/settings/variable.ts";

/** One kind of account that must have a second factor. */
export type BoundRule =
  | { readonly kind: "staff" | "everybody" }
  | { readonly kind: "group" | "permission"; readonly name: string };

/** Who must have a second factor, and from when. */
export interface PolicySettings {
  readonly secondFactorPolicy: {
    /** Any of them is enough; none binds nobody. */
    readonly rules: readonly BoundRule[];
    /** Days from when an account is first met without one. */
    readonly graceDays: number;
    /** One time for all in its place, epoch milliseconds. */
    readonly from: number | null;
  };
  /** What an issuer must say for its log-in to count as one with a second factor; none is believed by default. */
  readonly trustedIssuers: readonly TrustRule[];
}

/** A claim of an issuer's ID token that stands for a second factor. */
export interface TrustRule {
  /** As in the path of its log-in. */
  readonly provider: string;
  readonly claim: "amr" | "acr";
  readonly value: string;
}

const staff: readonly BoundRule[] = [{ kind: "staff" }];

export const policySettings = defineSettings({
  variables: {
    SECOND_FACTOR_REQUIRED_FOR: parsed<readonly BoundRule[] | null>(
      null,
      {
        fallbackText: "staff (production), nobody (development)",
        zh: "谁必须开启两步验证，逗号分隔：staff（职员和超级用户）、everybody、group:<用户组>、permission:<权限>；nobody 表示不要求。",
        en: "Who must have a second factor, comma separated: staff (superusers too), everybody, group:<name>, permission:<permission>; nobody for no one.",
      },
      readRules,
    ),
    SECOND_FACTOR_GRACE_DAYS: integer(
      14,
      { min: 0, max: 365 },
      {
        zh: "这样的账号还没有两步验证时，从第一次登录起有多少天时间；之后登录只能先去开启。0 表示立即。",
        en: "Days that such an account has from its first log-in without one; after that a log-in can only set it up. 0: at once.",
      },
    ),
    SECOND_FACTOR_REQUIRED_FROM: parsed<number | null>(
      null,
      {
        fallbackText: "(none)",
        zh: "所有人统一从哪一天（UTC，如 2027-01-31）起必须开启，代替 SECOND_FACTOR_GRACE_DAYS。",
        en: "The day (UTC, such as 2027-01-31) from which it is demanded of all of them, in place of SECOND_FACTOR_GRACE_DAYS.",
      },
      readDay,
    ),
    MFA_TRUST_PROVIDERS: parsed<readonly TrustRule[]>(
      [],
      {
        fallbackText: "(none)",
        zh: "信任哪些 OpenID Connect 签发者已完成两步验证，凭其身份令牌中的声明：<签发者>:amr=<值> 或 <签发者>:acr=<值>，逗号分隔，如 work:amr=mfa。",
        en: "OpenID Connect issuers that are believed to have asked for a second factor, by a claim of their ID token: <issuer>:amr=<value> or <issuer>:acr=<value>, comma separated, such as work:amr=mfa.",
      },
      readTrust,
    ),
  },
  settings: (env, { production }): PolicySettings => ({
    secondFactorPolicy: {
      rules: env.SECOND_FACTOR_REQUIRED_FOR ?? (production ? staff : []),
      graceDays: env.SECOND_FACTOR_GRACE_DAYS,
      from: env.SECOND_FACTOR_REQUIRED_FROM,
    },
    trustedIssuers: env.MFA_TRUST_PROVIDERS,
  }),
  inForce: ({ secondFactorPolicy: { rules } }) => ({ SECOND_FACTOR_REQUIRED_FOR: rulesText(rules) }),
  idle({ secondFactorPolicy: { rules, from } }) {
    const nobody = "SECOND_FACTOR_REQUIRED_FOR is nobody";
    if (rules.length === 0) {
      return { SECOND_FACTOR_GRACE_DAYS: nobody, SECOND_FACTOR_REQUIRED_FROM: nobody };
    }
    return from === null ? {} : { SECOND_FACTOR_GRACE_DAYS: "SECOND_FACTOR_REQUIRED_FROM is set" };
  },
});

function readRules(raw: string): readonly BoundRule[] {
  if (raw === "nobody") return [];
  return itemsOf(raw).map((item) => {
    if (item === "staff" || item === "everybody") return { kind: item };
    const [, kind, name] = /^(group|permission):\s*(.+)$/.exec(item) ?? [];
    const isName = name !== undefined && (kind === "group" || /^[^.]+\.[^.]+$/.test(name));
    if (!isName) throw new SettingProblem("boundRule", { value: item });
    return { kind: kind as "group" | "permission", name };
  });
}

function readTrust(raw: string): readonly TrustRule[] {
  return itemsOf(raw).map((item) => {
    const [, provider, claim, value] = /^([a-z0-9-]{1,32}):(amr|acr)=(\S+)$/.exec(item) ?? [];
    if (provider === undefined || value === undefined) throw new SettingProblem("trustRule", { value: item });
    return { provider, claim: claim as TrustRule["claim"], value };
  });
}

/** As the setting writes it. */
export function rulesText(rules: readonly BoundRule[]): string {
  if (rules.length === 0) return "nobody";
  return rules.map((rule) => ("name" in rule ? `${rule.kind}:${rule.name}` : rule.kind)).join(",");
}
