import type { Db } from "../database/database.ts";
import { nameKey } from "../lib/name-key.ts";
import { type BulkInsert, createBulkInsert } from "./bulk-insert.ts";
import { bindingRow, type ReadBinding, readBinding } from "./django-bindings.ts";
import type { DjangoReader, Row } from "./django-reader.ts";
import { type AccountRow, type ReadOptions, readAccount } from "./django-rows.ts";
import { type DjangoTables, findDjangoTables } from "./django-tables.ts";
import { type GroupMaps, importPermissionsAndGroups } from "./import-groups.ts";
import { bindingPages, bindingsOf, countRows, linksOf, userPages } from "./import-pages.ts";
import { type Finding, type FindingKind, type ImportReport, newTally } from "./import-report.ts";
import { type ImportScratch, type NameKind, openScratch } from "./import-scratch.ts";
import {
  advanceIds,
  findExistingUsers,
  findTakenBindings,
  findTakenNames,
  hasUsers,
} from "./import-store.ts";

/**
 * Brings the accounts of a Django site over: ids, hashes, times, flags, groups, permissions and bindings.
 * Promises: a dry run writes nothing and finds the same; each page of accounts goes in with its memberships,
 * names and bindings in one transaction, so that an import that was killed goes on where it was when it is
 * run again; an account that is here already is never touched again, so running twice changes nothing and a
 * membership that was withdrawn here stays withdrawn. Memory does not grow with the number of accounts.
 */
export interface ImportOptions extends ReadOptions {
  readonly dryRun: boolean;
  readonly usersTable?: string;
  /** Every finding, in order; the report only counts them. */
  readonly onFinding?: (finding: Finding) => void;
  readonly onProgress?: (progress: { step: "reading" | "writing"; done: number; total: number }) => void;
}

export async function importDjango(
  db: Db,
  reader: DjangoReader,
  options: ImportOptions,
): Promise<ImportReport> {
  const tables = await findDjangoTables(reader, options.usersTable);
  const scratch = openScratch();
  try {
    return await new Import(db, reader, tables, scratch, options).run();
  } finally {
    scratch.close();
  }
}

class Import {
  readonly #db: Db;
  readonly #reader: DjangoReader;
  readonly #tables: DjangoTables;
  readonly #scratch: ImportScratch;
  readonly #options: ImportOptions;
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
  }

  async run(): Promise<ImportReport> {
    const total = await countRows(this.#reader, this.#tables.users);
    for (const column of this.#tables.unknownColumns) {
      this.#note({ kind: "unknown_column", table: "users", id: 0, name: column, detail: this.#tables.users });
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
    for await (const page of userPages(this.#reader, this.#tables)) {
      await this.#importPage(page, maps, isEmpty);
      this.#options.onProgress?.({ step: "writing", done: this.#users.read, total });
    }
    await this.#countOrphans();
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
    for await (const page of bindingPages(this.#reader, this.#tables.bindings)) {
      for (const row of page) {
        const binding = readBinding(row);
        if (typeof binding === "object") this.#scratch.addBinding(binding.provider, binding.openid, binding);
      }
    }
    this.#scratch.settle();
  }

  async #importPage(page: readonly Row[], maps: GroupMaps, isEmpty: boolean): Promise<void> {
    const range = [Number(page[0]!.id), Number(page.at(-1)!.id)] as const;
    const existing = isEmpty
      ? null
      : await findExistingUsers(
          this.#db,
          page.map((row) => Number(row.id)),
        );
    const accounts: AccountRow[] = [];
    for (const row of page) {
      this.#users.read++;
      const { account, findings } = readAccount(row, this.#options);
      const here = existing?.get(Number(row.id));
      if (here && account && (here.username === account.username || here.joined_at === account.joined_at)) {
        this.#users.already++;
        continue;
      }
      for (const finding of findings) this.#note(finding);
      if (here || account === null) {
        this.#users.refused++;
        if (here)
          this.#noteUser("id_taken_here", { id: here.id, username: String(row.username) }, here.username);
      } else accounts.push(account);
    }
    const names = await this.#claims(accounts, range, isEmpty);
    const links = await this.#linksOf(accounts, range, maps);
    const bindings = await this.#bindingsOf(accounts, range, isEmpty);
    this.#users.imported += accounts.length;
    if (this.#options.dryRun) return;
    await this.#inTransaction(async (db) => {
      await this.#bulk.insert(db, "users", accounts);
      await this.#bulk.insert(db, "login_names", names);
      await this.#bulk.insert(db, "user_groups", links.groups);
      await this.#bulk.insert(db, "user_permissions", links.permissions);
      await this.#bulk.insert(db, "bindings", bindings);
    });
  }

  /** The log-in names that these accounts get, and a finding for each they don't. */
  async #claims(accounts: readonly AccountRow[], [from, to]: readonly [number, number], isEmpty: boolean) {
    const lost = Map.groupBy(this.#scratch.losses(from, to), ({ userId }) => userId);
    const twins = Map.groupBy(this.#scratch.accentTwins(from, to), ({ userId }) => userId);
    const keys = accounts.flatMap((account) => namesOf(account).map(([, name]) => nameKey(name)));
    const taken = isEmpty ? new Map<string, number>() : await findTakenNames(this.#db, keys);
    const claims: { name_key: string; user_id: number }[] = [];
    for (const account of accounts) {
      const own = new Set<string>();
      for (const [kind, name] of namesOf(account)) {
        const key = nameKey(name);
        const loss = lost.get(account.id)?.find((candidate) => candidate.kind === kind);
        const holder = taken.get(key);
        if (loss) this.#noteUser(lossKind(kind, loss.why), account, `${name}, also #${loss.otherId}`);
        else if (holder !== undefined) this.#noteUser("name_taken_here", account, `${name}, of #${holder}`);
        else own.add(key);
      }
      for (const twin of twins.get(account.id) ?? []) {
        this.#noteUser("accent_only_duplicate", account, `${twin.kind}, also #${twin.otherId}`);
      }
      if (own.size === 0) this.#noteUser("unreachable", account, "");
      for (const name_key of own) claims.push({ name_key, user_id: account.id });
    }
    return claims;
  }

  async #linksOf(accounts: readonly AccountRow[], range: readonly [number, number], maps: GroupMaps) {
    const fresh = new Set(accounts.map((account) => account.id));
    const keep = (table: "user_groups" | "user_permissions", ids: ReadonlyMap<number, number>) => {
      return ([user, other]: [number, number]) => {
        this.#links[table]++;
        if (!fresh.has(user)) return [];
        const target = ids.get(other);
        if (target !== undefined) return [[user, target] as const];
        this.#note({
          kind: "orphan",
          table,
          id: user,
          name: "",
          detail: `refers to #${other}, which is missing`,
        });
        return [];
      };
    };
    const { userGroups, userPermissions } = this.#tables;
    const groups = await linksOf(this.#reader, userGroups, "group_id", range);
    const permissions = await linksOf(this.#reader, userPermissions, "permission_id", range);
    return {
      groups: groups
        .flatMap(keep("user_groups", maps.groups))
        .map(([user_id, group_id]) => ({ user_id, group_id })),
      permissions: permissions
        .flatMap(keep("user_permissions", maps.permissions))
        .map(([user_id, permission_id]) => ({ user_id, permission_id })),
    };
  }

  async #bindingsOf(accounts: readonly AccountRow[], range: readonly [number, number], isEmpty: boolean) {
    const fresh = new Set(accounts.map((account) => account.id));
    const wanted: ReadBinding[] = [];
    for (const row of await bindingsOf(this.#reader, this.#tables.bindings, range)) {
      this.#bindings.read++;
      const binding = readBinding(row);
      if (!fresh.has(Number(row.user_id))) {
        this.#bindings.already++;
        continue;
      }
      if (typeof binding === "string") {
        this.#refuseBinding(binding, row, `loginType ${row.loginType}`);
        continue;
      }
      const first = this.#scratch.firstBinding(binding.provider, binding.openid);
      if (first.id === binding.id) wanted.push(binding);
      else
        this.#refuseBinding(
          "duplicate_binding",
          row,
          `${binding.provider}, the same as #${first.id} of user #${first.userId}`,
        );
    }
    const taken = isEmpty ? new Set<string>() : await findTakenBindings(this.#db, wanted);
    const rows = [];
    for (const binding of wanted) {
      if (taken.has(`${binding.provider} ${binding.openid}`)) {
        this.#refuseBinding(
          "binding_taken_here",
          { id: binding.id, user_id: binding.userId },
          binding.provider,
        );
        continue;
      }
      this.#bindings.imported++;
      rows.push(bindingRow(binding));
    }
    return rows;
  }

  /** Rows of link tables that no page of users asked for belong to nobody. */
  async #countOrphans(): Promise<void> {
    const { userGroups, userPermissions, bindings } = this.#tables;
    const check = async (table: Finding["table"], source: string | undefined, seen: number) => {
      if (source === undefined) return;
      const orphans = (await countRows(this.#reader, source)) - seen;
      if (orphans > 0) this.#note({ kind: "orphan", table, id: 0, name: source, detail: `${orphans} rows` });
    };
    await check("user_groups", userGroups?.table, this.#links.user_groups);
    await check("user_permissions", userPermissions?.table, this.#links.user_permissions);
    await check("bindings", bindings?.table, this.#bindings.read);
  }

  #inTransaction<Result>(work: (db: Db) => Promise<Result>): Promise<Result> {
    return this.#options.dryRun ? work(this.#db) : this.#db.transaction(work);
  }

  #refuseBinding(kind: FindingKind, row: Row, detail: string): void {
    this.#bindings.refused++;
    this.#note({ kind, table: "bindings", id: Number(row.id), name: `user #${row.user_id}`, detail });
  }

  #noteUser(kind: FindingKind, account: { id: number; username: string }, detail: string): void {
    this.#note({ kind, table: "users", id: account.id, name: account.username.slice(0, 60), detail });
  }

  #note(finding: Finding): void {
    this.#findings[finding.kind] = (this.#findings[finding.kind] ?? 0) + 1;
    this.#options.onFinding?.(finding);
  }
}

function namesOf(account: AccountRow): [NameKind, string][] {
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
