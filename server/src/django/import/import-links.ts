import { bindingRow, type ReadBinding, readBinding } from "../sources/django-bindings.ts";
import type { Row } from "../sources/django-reader.ts";
import type { FindingKind } from "../sources/import-report.ts";
import { planGone, updateOf } from "./import-changes.ts";
import type { PageParts, PagePlan, Standing, Standings } from "./import-page.ts";
import { bindingsOf, linksOf } from "./import-pages.ts";
import { bindingFact, membershipFact } from "./import-record.ts";
import { findBindingsIn, findMemberships, findTakenBindings } from "./import-store.ts";

/**
 * What hangs on a page's accounts: memberships in groups, permissions of their own, third-party bindings. Of an
 * account that is here already, what the source has gained since is added; what was withdrawn here stays
 * withdrawn, and both are reported.
 */
type Fate = "take" | "already" | FindingKind;

/** What becomes of something that hangs on an account; learns it where it is taken or found here. */
function fateOf(standing: Standing | undefined, fact: string, isHere: boolean): Fate {
  if (standing === undefined) return "orphan";
  if (standing.is === "refused") return "owner_refused";
  const isKnown = standing.facts.has(fact);
  if (standing.is !== "new" && !isHere && (isKnown || standing.is === "resident")) return "withdrawn_here";
  if (!isKnown && standing.is !== "resident") {
    standing.facts.add(fact);
    standing.learned = true;
  }
  return isHere ? "already" : "take";
}

export async function planMemberships(
  { db, reader, tables, maps, options }: PageParts,
  plan: PagePlan,
  standings: Standings,
): Promise<void> {
  const isAnyHere = plan.users.already > 0;
  const plans = [
    ["user_groups", tables.userGroups, "group_id", maps.groups],
    ["user_permissions", tables.userPermissions, "permission_id", maps.permissions],
  ] as const;
  for (const [table, source, column, ids] of plans) {
    const here = isAnyHere ? await findMemberships(db, table, plan.range) : new Set<string>();
    const planned = new Set<string>();
    const inSource = new Set<string>();
    for (const [userId, otherId] of await linksOf(reader, source, column, plan.range)) {
      plan.seen[table]++;
      const standing = standings.get(userId);
      const name = standing?.username.slice(0, 60) ?? "";
      const note = (kind: FindingKind, detail: string) =>
        plan.findings.push({ kind, table, id: userId, name, detail });
      const target = ids.get(otherId);
      if (target === undefined) {
        note("orphan", `refers to #${otherId}, which is missing`);
        continue;
      }
      const pair = `${userId} ${target}`;
      inSource.add(pair);
      const fate = fateOf(standing, membershipFact[table](target), here.has(pair));
      if (fate === "take" && !planned.has(pair)) {
        planned.add(pair);
        plan.memberships[table].push({ user_id: userId, [column]: target } as never);
        if (standing?.is === "imported") note("added_since", `${column} ${otherId}`);
      } else if (fate !== "take" && fate !== "already") note(fate, `${column} ${otherId}`);
    }
    if (source === null) continue;
    for (const pair of here) {
      const [userId, target] = pair.split(" ").map(Number) as [number, number];
      const wasImported = standings.get(userId)?.facts.has(membershipFact[table](target));
      if (inSource.has(pair) || !wasImported || standings.get(userId)?.is !== "imported") continue;
      const gone = { userId, table, detail: `${column} ${target}` };
      if (planGone(plan, standings, gone, options.update === true))
        updateOf(plan, userId)[table].push(target);
    }
  }
}

export async function planBindings(
  parts: PageParts,
  plan: PagePlan,
  standings: Standings,
  isEmpty: boolean,
): Promise<void> {
  const { db, reader, tables, scratch } = parts;
  const tally = plan.bindingTally;
  const inSource = new Set<string>();
  const note = (kind: FindingKind, row: Row | ReadBinding, detail: string) => {
    const userId = "userId" in row ? row.userId : row.user_id;
    plan.findings.push({ kind, table: "bindings", id: Number(row.id), name: `user #${userId}`, detail });
  };
  const refuse = (...refused: Parameters<typeof note>) => {
    tally.refused++;
    note(...refused);
  };
  const wanted: ReadBinding[] = [];
  for (const source of tables.bindings) {
    for (const row of await bindingsOf(reader, source, plan.range)) {
      tally.read++;
      const binding = readBinding(row, source);
      if (typeof binding === "string") {
        refuse(
          binding,
          row,
          `${source.table}, ${source.providerColumn ?? source.provider} ${row.provider ?? ""}`,
        );
        continue;
      }
      inSource.add(`${binding.userId} ${binding.provider} ${binding.openid}`);
      const first = scratch.firstBinding(binding.provider, binding.openid);
      if (first.id === binding.id && first.table === binding.table) wanted.push(binding);
      else
        refuse(
          "duplicate_binding",
          row,
          `${binding.provider}, the same as #${first.id} of user #${first.userId}`,
        );
    }
  }
  const taken = isEmpty ? new Map<string, number>() : await findTakenBindings(db, wanted);
  for (const binding of wanted) {
    const { provider, openid, userId } = binding;
    const standing = standings.get(userId);
    const holder = taken.get(`${provider} ${openid}`);
    if (holder !== undefined && holder !== userId && standing && standing.is !== "refused") {
      refuse("binding_taken_here", binding, `${provider}, of #${holder}`);
      continue;
    }
    const fate = fateOf(standing, bindingFact(provider, openid), holder === userId);
    if (fate === "already") tally.already++;
    else if (fate === "take") {
      tally.imported++;
      plan.bindings.push(bindingRow(binding));
      if (standing?.is === "imported") note("added_since", binding, provider);
    } else refuse(fate, binding, provider);
  }
  if (plan.users.already > 0) await planGoneBindings(parts, plan, standings, inSource);
}

/** Bindings that were imported and are gone in the source. Only of providers whose table it still has. */
async function planGoneBindings(
  { db, tables, options }: PageParts,
  plan: PagePlan,
  standings: Standings,
  inSource: ReadonlySet<string>,
): Promise<void> {
  if (tables.unsureBindings.length > 0) return;
  const hasAll = tables.bindings.some(({ providerColumn }) => providerColumn !== null);
  const providers = new Set(tables.bindings.map(({ provider }) => provider));
  for (const { provider, account_key, user_id } of await findBindingsIn(db, plan.range)) {
    const standing = standings.get(user_id);
    const wasImported = standing?.is === "imported" && standing.facts.has(bindingFact(provider, account_key));
    const isRead = hasAll || providers.has(provider);
    if (!wasImported || !isRead || inSource.has(`${user_id} ${provider} ${account_key}`)) continue;
    const gone = { userId: user_id, table: "bindings", detail: provider } as const;
    if (!planGone(plan, standings, gone, options.update === true)) continue;
    updateOf(plan, user_id).bindings.push({ provider, account_key });
  }
}
