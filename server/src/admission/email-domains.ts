import type { FieldCode } from "../errors/field-codes.ts";
import { SettingProblem } from "../errors/setting-problem.ts";
import { canonicalDomain } from "../kernel/domain-name.ts";
import { itemsOf } from "../kernel/settings/variable.ts";

/**
 * Which addresses may become an account's. Domains are compared in their canonical form, so that `例子.中国` in a setting
 * is `xn--fsqu00a.xn--fiqs8s` in an address (attack: a refused domain in another writing, or under a name of its own
 * below it, as `a.spam.example`; guard: email-domains.test.ts).
 */
export interface EmailDomainRules {
  /** Domains that may; `*.example.com` stands for every one below it. Empty: all. */
  readonly allowed: readonly string[];
  /** Domains that may not, and every one below them; they go before `allowed`. */
  readonly refused: readonly string[];
  /** Those of throw-away mailboxes, and every one below them; null where they are not looked at. */
  readonly throwaway: ReadonlySet<string> | null;
}

/** What is wrong with an address (as accounts/email.ts stores it), or null. */
export type EmailDomainProblem = (email: string) => FieldCode | null;

export function createEmailDomains({ allowed, refused, throwaway }: EmailDomainRules): EmailDomainProblem {
  const own = new Set(allowed.filter((domain) => !domain.startsWith("*.")));
  const below = new Set(allowed.filter((domain) => domain.startsWith("*.")).map((domain) => domain.slice(2)));
  const never = new Set(refused);
  return (email) => {
    const [domain = "", ...parents] = chain(email.slice(email.lastIndexOf("@") + 1));
    if ([domain, ...parents].some((one) => never.has(one))) return "email_domain_refused";
    const isAllowed = allowed.length === 0 || own.has(domain) || parents.some((one) => below.has(one));
    if (!isAllowed) return "email_domain_refused";
    const isThrowaway = throwaway !== null && [domain, ...parents].some((one) => throwaway.has(one));
    return isThrowaway ? "email_throwaway" : null;
  };
}

/** `a.b.c`, `b.c`, `c`. */
function chain(domain: string): string[] {
  const labels = domain.split(".");
  return labels.map((_, from) => labels.slice(from).join("."));
}

/** Domains of a setting, in their canonical form; with `wildcards` also `*.example.com`. Throws a SettingProblem. */
export const readDomains =
  ({ wildcards }: { readonly wildcards: boolean }) =>
  (raw: string): readonly string[] => {
    const items = itemsOf(raw);
    if (items.length === 0) throw new SettingProblem("domain", { value: raw });
    return items.map((item) => {
      const [, star = "", name = ""] = /^(\*\.)?(.*)$/s.exec(item) ?? [];
      const domain = canonicalDomain(name);
      if (domain === null || (star !== "" && !wildcards)) throw new SettingProblem("domain", { value: item });
      return star + domain;
    });
  };

/** The domains of throw-away mailboxes that the package `mailchecker` lists. Loaded only where they are refused. */
export async function throwawayDomains(): Promise<ReadonlySet<string>> {
  const { default: list } = await import("mailchecker");
  return list.blacklist();
}
