import type { Actor, Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import { renderUser } from "./admin-fields.ts";
import type { UserAdmin } from "./user-admin.ts";
import type { UserFilter } from "./user-list.ts";

/**
 * Accounts as a file, by the filters of the list. Promises: it is in the audit log before its first line leaves, with what was
 * asked for, and again with how many lines there were; it goes page by page, so that neither memory nor the event loop knows how
 * many accounts there are; never a hash, code or token. A cell of CSV that a spreadsheet would run as a formula begins with `'`
 * (attack: a nickname that is `=cmd|…`; guard: user-export.test.ts).
 */
export const exportForms = ["csv", "jsonl"] as const;
export type ExportForm = (typeof exportForms)[number];
export type ExportFilter = Omit<UserFilter, "after" | "limit">;

/** What stands in a row, in this order; of the JSON lines, too. */
const columns = [
  ...(["id", "username", "email", "mobile", "first_name", "last_name", "nickname", "is_active"] as const),
  ...(["is_staff", "is_superuser", "email_active", "mobile_verified", "last_login", "date_joined"] as const),
] as const;

/** Excel in Chinese Windows takes a file without it for GBK. */
const byteOrderMark = "\u{feff}";
const lineEnd = "\r\n";
/** Rows at a time. */
const pageSize = 100;

export interface UserExportDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly userAdmin: Pick<UserAdmin, "list">;
}

export function createUserExport({ db, audit, userAdmin }: UserExportDeps) {
  const record = (actor: Actor, action: string, after: Readonly<Record<string, unknown>>) =>
    db.transaction((transaction) =>
      audit.record(transaction, actor, {
        ...{ action, targetKind: "system", targetId: 0, target: "users" },
        ...{ before: {}, after },
      }),
    );

  async function* lines(
    actor: Actor,
    form: ExportForm,
    filter: ExportFilter,
  ): AsyncGenerator<string, void, undefined> {
    if (form === "csv") yield byteOrderMark + csvLine(columns);
    let rows = 0;
    for (let after: number | null = 0; after !== null; ) {
      const page = await userAdmin.list({ ...filter, after, limit: pageSize });
      rows += page.rows.length;
      const text = page.rows.map((row) => lineOf(form, renderUser(row))).join("");
      if (text !== "") yield text;
      after = page.next;
      await nextTurn();
    }
    await record(actor, "user.export-end", { rows });
  }

  return {
    /** Resolves once it is in the audit log. A reader who leaves in the middle leaves no `user.export-end`. */
    async begin(actor: Actor, form: ExportForm, filter: ExportFilter) {
      // Without what was typed, which may be somebody's address (audit/without-typed.ts).
      await record(actor, "user.export", { format: form, ...filter });
      return lines(actor, form, filter);
    },
  };
}

export type UserExport = ReturnType<typeof createUserExport>;

function lineOf(form: ExportForm, user: ReturnType<typeof renderUser>): string {
  const values = columns.map((column) => user[column]);
  if (form === "csv") return csvLine(values);
  return `${JSON.stringify(Object.fromEntries(columns.map((column, at) => [column, values[at]])))}\n`;
}

/** RFC 4180, and OWASP's guard against formulas. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(",")}${lineEnd}`;
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value);
  const guarded = typeof value === "string" && /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]|^'/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
