import type { StoredAccount } from "../../accounts/record.ts";
import { nameKey, nameKeyLimit, nameKeys } from "../../kernel/name-key.ts";
import type { FindingKind } from "../sources/import-report.ts";
import type { PageParts, PagePlan } from "./import-page.ts";
import type { NameKind } from "./import-scratch.ts";
import { findTakenNames } from "./import-store.ts";

/**
 * The log-in names that a page's new accounts get, and a finding for each they don't. An address that is not
 * the account's to log in by is never taken over as confirmed, nor a number as proved: whoever proves it first gets it.
 */
export async function planNames(
  { db, scratch, options }: PageParts,
  plan: PagePlan,
  isEmpty: boolean,
): Promise<void> {
  const { accounts, range } = plan;
  const lost = Map.groupBy(scratch.losses(...range), ({ userId }) => userId);
  const twins = Map.groupBy(scratch.accentTwins(...range), ({ userId }) => userId);
  const keys = accounts.flatMap((account) => namesOf(account).flatMap(([, name]) => nameKeys(name)));
  const taken = isEmpty ? new Map<string, number>() : await findTakenNames(db, keys);
  const erased = await options.erased.names(db, keys);
  plan.accounts = accounts.map((account) => {
    const own = new Set<string>();
    for (const [kind, name] of namesOf(account)) {
      const keys = nameKeys(name);
      const loss = lost.get(account.id)?.find((candidate) => candidate.kind === kind);
      const holder = keys.map((key) => taken.get(key)).find((id) => id !== undefined);
      if (loss) plan.noteUser(lossKind(kind, loss.why), account, `${name}, also #${loss.otherId}`);
      else if (holder !== undefined) plan.noteUser("name_taken_here", account, `${name}, of #${holder}`);
      else if (keys.some((key) => erased.has(key))) plan.noteUser("name_erased_here", account, kind);
      else if (keys.some((key) => key.length > nameKeyLimit)) plan.noteUser("name_too_long", account, kind);
      else for (const key of keys) own.add(key);
    }
    for (const twin of twins.get(account.id) ?? []) {
      plan.noteUser("accent_only_duplicate", account, `${twin.kind}, also #${twin.otherId}`);
    }
    if (own.size === 0) plan.noteUser("unreachable", account, "");
    for (const name_key of own) plan.names.push({ name_key, user_id: account.id });
    const isOwn = (name: string | null) => name === null || own.has(nameKey(name));
    return {
      ...account,
      ...(isOwn(account.email) ? {} : { email_verified: 0 as const }),
      ...(isOwn(account.mobile) ? {} : { proved_mobile: null, mobile_proved_at: null }),
    };
  });
}

function namesOf(account: StoredAccount): [NameKind, string][] {
  const names: [NameKind, string | null][] = [
    ["username", account.username],
    ["email", account.email],
    ["mobile", account.mobile],
  ];
  return names.filter((pair): pair is [NameKind, string] => pair[1] !== null);
}

function lossKind(kind: NameKind, why: "username" | "older_username" | "shared"): FindingKind {
  if (kind === "username") return "case_only_duplicate";
  if (why === "shared") return kind === "email" ? "duplicate_email" : "duplicate_mobile";
  return kind === "email" ? "email_is_a_username" : "mobile_is_a_username";
}
