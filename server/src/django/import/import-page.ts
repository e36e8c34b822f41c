import type { ExtraFields } from "../../accounts/extra-fields.ts";
import type { StoredAccount } from "../../accounts/record.ts";
import type { Db } from "../../engines/database/database.ts";
import type { BindingRow } from "../../engines/database/tables.ts";
import type { ErasedHere } from "../../rights/erased-here.ts";
import { nicknameField, readFields } from "../sources/django-fields.ts";
import type { DjangoReader, Row } from "../sources/django-reader.ts";
import { type ReadOptions, readAccount } from "../sources/django-rows.ts";
import type { DjangoTables } from "../sources/django-tables.ts";
import { type Finding, type FindingKind, newTally, type Tally } from "../sources/import-report.ts";
import { type PlannedUpdate, planChanges } from "./import-changes.ts";
import type { GroupMaps } from "./import-groups.ts";
import { planBindings, planMemberships } from "./import-links.ts";
import { planNames } from "./import-names.ts";
import { accountFacts, isUntouched, versionFact, writeFacts } from "./import-record.ts";
import type { ImportScratch } from "./import-scratch.ts";
import { findRecords, findStoredAccounts, type Range } from "./import-store.ts";

/**
 * What becomes of one page of the source's accounts. Reads only: the plan is written, or in a dry run merely
 * counted, by import-django.ts. Every row of the source is in exactly one tally, and what is not taken over
 * has a finding that says why.
 */
export interface PageParts {
  readonly db: Db;
  readonly reader: DjangoReader;
  readonly tables: DjangoTables;
  readonly scratch: ImportScratch;
  readonly maps: GroupMaps;
  readonly options: ReadOptions & {
    /** Whom nobody brings back. */
    readonly erased: ErasedHere;
    /** Take over what changed in the source, where nobody touched the account here. */
    readonly update?: boolean;
    /** Of SIGN_UP_FIELDS; without them no field is taken over. */
    readonly extraFields?: Pick<ExtraFields, "declared" | "fit"> | undefined;
  };
}

export interface PagePlan {
  readonly range: Range;
  accounts: StoredAccount[];
  names: { name_key: string; user_id: number }[];
  readonly memberships: {
    user_groups: { user_id: number; group_id: number }[];
    user_permissions: { user_id: number; permission_id: number }[];
  };
  bindings: BindingRow[];
  readonly fields: { user_id: number; fields: string; updated_at: number }[];
  /** Of new accounts, what was taken over. */
  records: { user_id: number; facts: string }[];
  /** Of accounts that are here already, what is on record of them now. */
  readonly learned: Map<number, string>;
  /** By account. */
  readonly updates: Map<number, PlannedUpdate>;
  readonly users: Tally;
  readonly bindingTally: Tally;
  /** Rows of the link tables that were looked at. */
  readonly seen: { user_groups: number; user_permissions: number };
  readonly findings: Finding[];
  noteUser(kind: FindingKind, account: { id: number; username: string }, detail: string): void;
}

/** How an account of the source stands here; what hangs on it depends on that. */
export interface Standing {
  readonly username: string;
  readonly is: "new" | "imported" | "resident" | "refused";
  /** What earlier imports took over, and with this one. */
  readonly facts: Set<string>;
  /** Something was added to `facts` that is not on record. */
  learned: boolean;
  /** Imported, and changed by nobody here since. */
  readonly untouched: boolean;
}

export type Standings = ReadonlyMap<number, Standing>;

/** `isEmpty`: no account is here, so nothing has to be looked up. */
export async function planPage(parts: PageParts, page: readonly Row[], isEmpty: boolean): Promise<PagePlan> {
  const plan = newPlan([Number(page[0]!.id), Number(page.at(-1)!.id)]);
  const standings = await planAccounts(parts, page, isEmpty, plan);
  await planNames(parts, plan, isEmpty);
  await planMemberships(parts, plan, standings);
  await planBindings(parts, plan, standings, isEmpty);
  for (const [id, standing] of standings) {
    const facts = writeFacts(standing.facts);
    if (standing.is === "new") plan.records.push({ user_id: id, facts });
    else if (standing.learned) plan.learned.set(id, facts);
  }
  return plan;
}

async function planAccounts(
  { db, options: given, tables }: PageParts,
  page: readonly Row[],
  isEmpty: boolean,
  plan: PagePlan,
): Promise<Standings> {
  const options = { ...given, nicknameColumn: tables.fieldColumns.get(nicknameField) };
  const ids = page.map((row) => Number(row.id));
  const existing = isEmpty ? null : await findStoredAccounts(db, ids);
  const records = existing === null || existing.size === 0 ? null : await findRecords(db, plan.range);
  // After the look for who is here: whoever is erased in between was here.
  const erasureOf = await erasuresIn(db, given.erased, plan.range);
  const standings = new Map<number, Standing>();
  for (const row of page) {
    const id = Number(row.id);
    const username = String(row.username ?? "");
    plan.users.read++;
    const { account, findings, written } = readAccount(row, options);
    const here = existing?.get(id);
    const record = records?.get(id);
    const stand = (is: Standing["is"], facts: Iterable<string> = []) => {
      const known = new Set(facts);
      const untouched = is === "imported" && here !== undefined && isUntouched(known, here);
      const standing = { username, is, facts: known, learned: false, untouched };
      standings.set(id, standing);
      return standing;
    };
    const sameName = account?.username === here?.username;
    const sameTime = account?.joined_at === here?.joined_at;
    // Renamed or rewritten since it was imported, it is still the same; another site's account is neither.
    const wasImported = record !== undefined && (account === null || sameName || sameTime);
    // An account of this server's own comes back with its own export.
    const isResident = record === undefined && here !== undefined && sameName && sameTime;
    if (wasImported || isResident) {
      plan.users.already++;
      const facts = record ?? accountFacts(here!);
      const standing = stand(record === undefined ? "resident" : "imported", facts);
      planChanges(plan, { account, written, here: here!, standing }, options.update === true);
      continue;
    }
    const erasure = here === undefined ? erasureOf(id) : null;
    if (erasure === null) plan.findings.push(...findings);
    else plan.noteUser(erasure, { id, username }, "");
    if (here || account === null || erasure !== null) {
      plan.users.refused++;
      stand("refused");
      if (here) plan.noteUser("id_taken_here", { id, username }, here.username);
      continue;
    }
    plan.users.imported++;
    plan.accounts.push(account);
    if (options.extraFields !== undefined) {
      const { values, misfits } = readFields(row, tables.fieldColumns, options.extraFields);
      for (const detail of misfits) plan.noteUser("field_misfit", { id, username }, detail);
      const isAny = Object.keys(values).length > 0;
      if (isAny)
        plan.fields.push({ user_id: id, fields: JSON.stringify(values), updated_at: account.updated_at });
    }
    stand("new", [...accountFacts(account), versionFact(account.credentials_version)]);
  }
  return standings;
}

/** Why an id that nobody has here is not to be given again; null where nobody had it. */
async function erasuresIn(
  db: Db,
  erased: ErasedHere,
  range: Range,
): Promise<(id: number) => "erased_here" | "maybe_erased_here" | null> {
  const known = await erased.ids(db, range);
  const forgotten = await erased.forgottenUpTo(db);
  return (id) => (known.has(id) ? "erased_here" : id >= 1 && id <= forgotten ? "maybe_erased_here" : null);
}

function newPlan(range: Range): PagePlan {
  const findings: Finding[] = [];
  return {
    range,
    accounts: [],
    names: [],
    memberships: { user_groups: [], user_permissions: [] },
    bindings: [],
    fields: [],
    records: [],
    learned: new Map(),
    updates: new Map(),
    users: newTally(),
    bindingTally: newTally(),
    seen: { user_groups: 0, user_permissions: 0 },
    findings,
    noteUser: (kind, { id, username }, detail) =>
      findings.push({ kind, table: "users", id, name: username.slice(0, 60), detail }),
  };
}
