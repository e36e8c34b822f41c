import type { ExtraFields } from "../../accounts/extra-fields.ts";
import type { StoredAccount } from "../../accounts/record.ts";
import type { Db } from "../../engines/database/database.ts";
import { type Clock, systemClock } from "../../kernel/clock.ts";
import type { ErasedHere } from "../../rights/erased-here.ts";
import { readBinding } from "../sources/django-bindings.ts";
import type { DjangoReader, Row } from "../sources/django-reader.ts";
import { type ReadOptions, readAccount } from "../sources/django-rows.ts";
import { type DjangoTables, findDjangoTables } from "../sources/django-tables.ts";
import {
  addTally,
  type Finding,
  type FindingKind,
  type ImportReport,
  newTally,
} from "../sources/import-report.ts";
import { type BulkInsert, createBulkInsert } from "./bulk-insert.ts";
import type { PlannedUpdate } from "./import-changes.ts";
import { type ImportEvents, tellGained, tellImported } from "./import-events.ts";
import { type GroupMaps, importPermissionsAndGroups } from "./import-groups.ts";
import { type PagePlan, planPage } from "./import-page.ts";
import { bindingPages, countRows, pageSize, userPages } from "./import-pages.ts";
import { isUntouched } from "./import-record.ts";
import { type ImportScratch, openScratch } from "./import-scratch.ts";
import {
  advanceIds,
  findImported,
  findRecords,
  findStoredAccounts,
  hasUsers,
  replaceRecord,
} from "./import-store.ts";
import { applyUpdate } from "./import-update.ts";

/**
 * Brings the accounts of a Django site over: ids, hashes, times, flags, groups, permissions and bindings.
 * Promises: a dry run writes nothing and finds the same; each page of accounts goes in with its memberships,
 * names and bindings in one transaction, so that an import that was killed goes on where it was when it is
 * run again; running twice changes nothing. What the source has gained since is added, what it has changed is
 * reported and left, what was withdrawn here stays withdrawn, and who was erased here stays erased. Nothing is left out without a finding. Memory
 * does not grow with the number of accounts.
 */
export interface ImportOptions extends ReadOptions {
  readonly dryRun: boolean;
  readonly usersTable?: string;
  /** What the operator says of tables whose provider can't be told: `<table>=<provider>`. */
  readonly bindingTables?: readonly string[];
  /** Which columns hold fields of SIGN_UP_FIELDS, and the nickname: `<field>=<column>`. */
  readonly fields?: readonly string[] | undefined;
  /** SIGN_UP_FIELDS. Taken over when an account is imported, not by a later `update`. */
  readonly extraFields?: Pick<ExtraFields, "declared" | "fit"> | undefined;
  /** Every finding, in order; the report only counts them. */
  readonly onFinding?: (finding: Finding) => void;
  /** Take over what changed in the source of accounts that nobody touched here since they were imported. */
  readonly update?: boolean;
  /** Disable the untouched accounts that the source has no longer. */
  readonly disableDeleted?: boolean;
  readonly clock?: Clock;
  readonly erased: ErasedHere;
  readonly events: ImportEvents;
  readonly onProgress?: (progress: { step: "reading" | "writing"; done: number; total: number }) => void;
}

export async function importDjango(
  db: Db,
  reader: DjangoReader,
  options: ImportOptions,
): Promise<ImportReport> {
  const tables = await findDjangoTables(reader, {
    ...options,
    declared: options.extraFields?.declared ?? [],
  });
  const scratch = openScratch();
  try {
    return await new Import(db, reader, tables, scratch, options).run();
  } finally {
    scratch.close();
  }
}

/** Somebody else wrote what the page was to write, between the look and the insert. */
class PageConflict extends Error {
  override readonly name = "PageConflict";
}

class Import {
  readonly #db: Db;
  readonly #reader: DjangoReader;
  readonly #tables: DjangoTables;
  readonly #scratch: ImportScratch;
  readonly #options: ImportOptions;
  readonly #clock: Clock;
  readonly #bulk: BulkInsert = createBulkInsert();
  readonly #users = newTally();
  readonly #groups = newTally();
  readonly #permissions = newTally();
  readonly #bindings = newTally();
  readonly #findings: Partial<Record<FindingKind, number>> = {};
  readonly #links = { user_groups: 0, user_permissions: 0 };

  constructor(
    db: Db,
    reader: DjangoReader,
    tables: DjangoTables,
    scratch: ImportScratch,
    options: ImportOptions,
  ) {
    this.#db = db;
    this.#reader = reader;
    this.#tables = tables;
    this.#scratch = scratch;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async run(): Promise<ImportReport> {
    const total = await countRows(this.#reader, this.#tables.users);
    for (const column of this.#tables.unknownColumns) {
      this.#note({ kind: "unknown_column", table: "users", id: 0, name: column, detail: this.#tables.users });
    }
    for (const name of this.#tables.unsureBindings) {
      const detail = `--bindings ${name}=qq, or weibo, github, wechat:<appid>`;
      this.#note({ kind: "unsure_bindings", table: "bindings", id: 0, name, detail });
    }
    for (const [model, objects] of this.#reader.unread ?? []) {
      this.#note({
        kind: "unread_objects",
        table: "users",
        id: 0,
        name: model,
        detail: `${objects} objects`,
      });
    }
    await this.#collectNames(total);
    const maps = await this.#inTransaction((db) =>
      importPermissionsAndGroups(db, {
        reader: this.#reader,
        tables: this.#tables,
        dryRun: this.#options.dryRun,
        permissions: this.#permissions,
        groups: this.#groups,
        note: (finding) => this.#note(finding),
      }),
    );
    const isEmpty = !(await hasUsers(this.#db));
    let last = 0;
    for await (const page of userPages(this.#reader, this.#tables)) {
      if (!isEmpty) last = await this.#findDeleted(last, page);
      this.#count(await this.#importPage(page, maps, isEmpty));
      this.#options.onProgress?.({ step: "writing", done: this.#users.read, total });
    }
    if (!isEmpty) {
      await this.#findDeleted(last, null);
      await this.#tellDeleted();
    }
    await this.#countUnread(total);
    if (!this.#options.dryRun) await advanceIds(this.#db, ["users", "groups"]);
    return {
      source: this.#reader.description,
      dryRun: this.#options.dryRun,
      users: this.#users,
      groups: this.#groups,
      permissions: this.#permissions,
      bindings: this.#bindings,
      findings: this.#findings,
    };
  }

  async #collectNames(total: number): Promise<void> {
    let done = 0;
    for await (const page of userPages(this.#reader, this.#tables)) {
      for (const row of page) {
        const { account } = readAccount(row, this.#options);
        if (account !== null) this.#scratch.addNames(account.id, account);
      }
      done += page.length;
      this.#options.onProgress?.({ step: "reading", done, total });
    }
    for (const source of this.#tables.bindings) {
      for await (const page of bindingPages(this.#reader, source)) {
        for (const row of page) {
          const binding = readBinding(row, source);
          if (typeof binding === "object")
            this.#scratch.addBinding(binding.provider, binding.openid, binding);
        }
      }
    }
    this.#scratch.settle();
  }

  /** Plans the page and writes it; plans it anew where a sign-up meanwhile took an id or a name of it. */
  async #importPage(page: readonly Row[], maps: GroupMaps, isEmpty: boolean): Promise<PagePlan> {
    const { dryRun } = this.#options;
    const parts = {
      ...{ db: this.#db, reader: this.#reader, tables: this.#tables },
      ...{ scratch: this.#scratch, maps, options: this.#options },
    };
    for (let attempt = 1; ; attempt++) {
      const plan = await planPage(parts, page, isEmpty && attempt === 1);
      if (dryRun) return plan;
      try {
        await this.#inTransaction((db) => this.#write(db, plan));
        await this.#update(plan);
        return plan;
      } catch (error) {
        if (!(error instanceof PageConflict) || attempt === 5) throw error;
      }
    }
  }

  async #write(db: Db, plan: PagePlan): Promise<void> {
    const rows = [
      ["users", plan.accounts],
      ["extra_fields", plan.fields],
      ["login_names", plan.names],
      ["user_groups", plan.memberships.user_groups],
      ["user_permissions", plan.memberships.user_permissions],
      ["bindings", plan.bindings],
      ["django_imports", plan.records],
    ] as const;
    const erased = await this.#options.erased.ids(db, plan.range);
    if (plan.accounts.some(({ id }) => erased.has(id))) throw new PageConflict("users: erased meanwhile");
    await tellGained(this.#options.events, db, plan);
    for (const [table, wanted] of rows) {
      const written = await this.#bulk.insert(db, table, wanted);
      // Never go on with the rest: log-in names of an account that was left out would lead to another's.
      if (written !== wanted.length)
        throw new PageConflict(`${table}: ${written} of ${wanted.length} written`);
    }
    for (const [id, facts] of plan.learned) await replaceRecord(db, id, facts);
    await tellImported(this.#options.events, db, plan);
  }

  /** After the page is in, each account by itself: one that is refused keeps none of the others back. */
  async #update(plan: PagePlan): Promise<void> {
    for (const [id, update] of plan.updates) {
      const refused = await this.#apply(id, update);
      if (refused === null) continue;
      const isIts = (finding: Finding) => finding.kind === "updated" && finding.id === id;
      const told = plan.findings.flatMap((finding): Finding[] => {
        if (!isIts(finding)) return [finding];
        return refused === "done" ? [] : [{ ...finding, kind: "update_refused", detail: refused }];
      });
      plan.findings.splice(0, plan.findings.length, ...told);
    }
  }

  /** Imported accounts between the page before and this one's end that the page lacks. Returns that end. */
  async #findDeleted(after: number, page: readonly Row[] | null): Promise<number> {
    const there = new Set(page?.map((row) => Number(row.id)));
    const to = page === null ? null : Number(page.at(-1)!.id);
    let from = after;
    for (;;) {
      const imported = await findImported(this.#db, from, to, pageSize);
      for (const { user_id } of imported) if (!there.has(user_id)) this.#scratch.addDeleted(user_id);
      if (imported.length < pageSize) return Math.max(after, to ?? 0);
      from = imported.at(-1)!.user_id;
    }
  }

  async #tellDeleted(): Promise<void> {
    const deleted = this.#scratch.countDeleted();
    // As many as that: it is another site's database, or the wrong one.
    const isLikely = deleted <= this.#users.already;
    for (let ids = this.#scratch.deleted(0); ids.length > 0; ids = this.#scratch.deleted(ids.at(-1)!)) {
      const here = await findStoredAccounts(this.#db, ids);
      const records = await findRecords(this.#db, [ids[0]!, ids.at(-1)!]);
      for (const id of ids) {
        const user = here.get(id);
        // Disabled here already: nobody logs in by it.
        if (user === undefined || user.is_active === 0) continue;
        const isUntouchedHere = isUntouched(records.get(id) ?? new Set(), user);
        const isTaken = this.#options.disableDeleted === true && isLikely && isUntouchedHere;
        const refused = isTaken && !this.#options.dryRun ? await this.#disable(user) : null;
        const why = !isLikely
          ? "more gone than there: not disabled"
          : isUntouchedHere
            ? ""
            : "touched here since: left";
        const kind =
          refused !== null ? "update_refused" : isTaken ? "disabled_as_deleted" : "deleted_in_source";
        const detail = refused ?? (this.#options.disableDeleted === true ? why : "");
        this.#note({ kind, table: "users", id, name: user.username.slice(0, 60), detail });
      }
    }
  }

  #disable(user: StoredAccount): Promise<string | null> {
    const links = { bindings: [], user_groups: [], user_permissions: [] };
    const account = { ...user, is_active: 0 as const };
    return this.#apply(user.id, { account, changes: ["flags"], ...links });
  }

  #apply(id: number, update: PlannedUpdate): Promise<string | null> {
    const { events, erased } = this.#options;
    return applyUpdate({ db: this.#db, clock: this.#clock, events, erased }, id, update);
  }

  #count(plan: PagePlan): void {
    for (const finding of plan.findings) this.#note(finding);
    addTally(this.#users, plan.users);
    addTally(this.#bindings, plan.bindingTally);
    this.#links.user_groups += plan.seen.user_groups;
    this.#links.user_permissions += plan.seen.user_permissions;
  }

  /** Rows that no page of users asked for: links that belong to nobody, users whose id is none. */
  async #countUnread(totalUsers: number): Promise<void> {
    const { userGroups, userPermissions, bindings, users } = this.#tables;
    const say = (kind: FindingKind, table: Finding["table"], name: string, rows: number) => {
      if (rows > 0) this.#note({ kind, table, id: 0, name, detail: `${rows} rows` });
    };
    const check = async (table: Finding["table"], source: string | undefined, seen: number) => {
      if (source !== undefined) say("orphan", table, source, (await countRows(this.#reader, source)) - seen);
    };
    say("refused_id", "users", users, totalUsers - this.#users.read);
    await check("user_groups", userGroups?.table, this.#links.user_groups);
    await check("user_permissions", userPermissions?.table, this.#links.user_permissions);
    let bound = 0;
    for (const { table } of bindings) bound += await countRows(this.#reader, table);
    say("orphan", "bindings", bindings.map(({ table }) => table).join(", "), bound - this.#bindings.read);
  }

  #inTransaction<Result>(work: (db: Db) => Promise<Result>): Promise<Result> {
    return this.#options.dryRun ? work(this.#db) : this.#db.transaction(work);
  }

  #note(finding: Finding): void {
    this.#findings[finding.kind] = (this.#findings[finding.kind] ?? 0) + 1;
    this.#options.onFinding?.(finding);
  }
}
