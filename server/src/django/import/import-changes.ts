import { type StoredAccount, standingColumns } from "../../accounts/record.ts";
import type { Written } from "../sources/django-rows.ts";
import type { FindingKind } from "../sources/import-report.ts";
import type { PagePlan, Standing, Standings } from "./import-page.ts";
import { accountFacts, type Change, changesSince } from "./import-record.ts";

/**
 * What a later import makes of an account that changed in the source. Without `--update` it is reported and left; with
 * it, it is taken over where nobody touched the account here since. Who was disabled or lost a standing there is
 * said in words of its own, because that account still has it here.
 */
export interface PlannedUpdate {
  /** As the account is to be; null where only what hangs on it goes. */
  account: StoredAccount | null;
  changes: readonly Change[];
  readonly bindings: { provider: string; account_key: string }[];
  readonly user_groups: number[];
  readonly user_permissions: number[];
}

export interface Seen {
  readonly account: StoredAccount | null;
  readonly written: Written;
  readonly here: StoredAccount;
  readonly standing: Standing;
}

/** `update`: the operator asked for changes to be taken over. */
export function planChanges(plan: PagePlan, seen: Seen, update: boolean): void {
  const { account, written, here, standing } = seen;
  const named = { id: here.id, username: written.username };
  if (account === null) {
    plan.noteUser("changed_in_source", named, "user name");
    return;
  }
  const known = standing.facts;
  const changes = changesSince(known, account, written);
  if (changes.length === 0) {
    learnFacts(standing, here);
    return;
  }
  if (update && standing.untouched) {
    updateOf(plan, here.id).account = account;
    updateOf(plan, here.id).changes = changes;
    plan.noteUser("updated", named, [...changes, ...lost(account, here)].join(", "));
    return;
  }
  const touched = update ? "touched here since: left" : "";
  const losses = changes.some((change) => change.includes("flags")) ? lost(account, here) : [];
  const standingLost = losses.filter((loss) => loss !== "active");
  if (losses.includes("active")) plan.noteUser("disabled_in_source", named, touched);
  if (standingLost.length > 0) {
    const detail = [standingLost.join(", "), touched].filter(Boolean).join("; ");
    plan.noteUser("demoted_in_source", named, detail);
  }
  const rest = changes.filter((change) => !(losses.length > 0 && isOnlyLoss(change, account, here)));
  const detail = [rest.join(", "), touched].filter(Boolean).join("; ");
  if (rest.length > 0) plan.noteUser("changed_in_source", named, detail);
}

/** What the account has here and not there. */
function lost(account: StoredAccount, here: StoredAccount): string[] {
  return standingColumns
    .filter((flag) => here[flag] === 1 && account[flag] === 0)
    .map((flag) => flag.slice(3));
}

function isOnlyLoss(change: Change, account: StoredAccount, here: StoredAccount): boolean {
  const gains = standingColumns.some((flag) => here[flag] === 0 && account[flag] === 1);
  if (change === "flags") return !gains;
  const sameNames = (["username", "first_name", "last_name"] as const).every(
    (field) => account[field] === here[field],
  );
  return change === "names or flags" && !gains && sameNames;
}

/** A record of an earlier version has one fingerprint of names and flags; with those unchanged it is split. */
function learnFacts(standing: Standing, here: StoredAccount): void {
  const old = [...standing.facts].find((fact) => fact.startsWith("a:"));
  if (old === undefined || !standing.untouched) return;
  standing.facts.delete(old);
  for (const fact of accountFacts(here)) standing.facts.add(fact);
  standing.learned = true;
}

export function updateOf(plan: PagePlan, id: number): PlannedUpdate {
  const known = plan.updates.get(id);
  if (known !== undefined) return known;
  const made = { account: null, changes: [], bindings: [], user_groups: [], user_permissions: [] };
  plan.updates.set(id, made);
  return made;
}

/** Something that hung on the account in the source when it was imported, and is gone there while it is here. */
export function planGone(
  plan: PagePlan,
  standings: Standings,
  gone: { userId: number; table: "bindings" | "user_groups" | "user_permissions"; detail: string },
  update: boolean,
): boolean {
  const standing = standings.get(gone.userId)!;
  const isTaken = update && standing.untouched;
  const kind: FindingKind = isTaken ? "updated" : "deleted_in_source";
  const why = isTaken
    ? ", deleted in the source: removed"
    : update
      ? "; account touched here since: left"
      : "";
  plan.findings.push({
    ...{ kind, table: gone.table, id: gone.userId, name: standing.username.slice(0, 60) },
    detail: `${gone.detail}${why}`,
  });
  return isTaken;
}
