import { writeFileSync } from "node:fs";
import { createErasedNames } from "../../src/accounts/erased-names.ts";
import { createEventParts } from "../../src/app/webhooks.ts";
import { type ExportOptions, exportDefaults, exportDjango } from "../../src/django/export/export-django.ts";
import { type ImportOptions, importDjango } from "../../src/django/import/import-django.ts";
import type { Finding } from "../../src/django/sources/import-report.ts";
import { openDjangoSource } from "../../src/django/sources/open-source.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createLog } from "../../src/kernel/log.ts";
import { createPasswords } from "../../src/passwords/passwords.ts";
import { openErasedHere } from "../../src/rights/erased-here.ts";
import { testSecretKey } from "./test-secret-key.ts";

const passwords = createPasswords();

export async function runImport(db: Database, source: string, options: Partial<ImportOptions> = {}) {
  const findings: Finding[] = [];
  const reader = await openDjangoSource(source);
  try {
    const report = await importDjango(db, reader, {
      dryRun: false,
      isUsableHash: passwords.isUsable,
      emailsConfirmed: false,
      events: createEventParts({ db, clock: systemClock, log: createLog("silent") }).events,
      erased: await erasedHereOf(db, null),
      onFinding: (finding) => findings.push(finding),
      ...options,
    });
    return { report, findings, kinds: findings.map(({ kind }) => kind) };
  } finally {
    await reader.close();
  }
}

/** Who was erased in the database; `file`: of the list outside it, where there is one. */
export const erasedHereOf = (db: Database, file: string | null) =>
  openErasedHere(db, createErasedNames([testSecretKey]), file);

/** Everything an import may write, in one order. */
export async function contents(db: Database) {
  const all = async (table: never, ...order: string[]) => {
    let query = db.kysely.selectFrom(table).selectAll();
    for (const column of order) query = query.orderBy(column as never);
    return query.execute();
  };
  const names = await db.kysely.selectFrom("permissions").selectAll().execute();
  const nameOf = new Map(names.map((row) => [row.id, `${row.app}.${row.codename} ${row.model} ${row.name}`]));
  const named = (rows: unknown[]) =>
    (rows as Record<string, number>[])
      .map((row) => ({ ...row, permission_id: nameOf.get(row.permission_id!) }))
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  const users = (await all("users" as never, "id")) as Record<string, unknown>[];
  return {
    // Every account's own, and random.
    users: users.map(({ credentials_version, ...row }) => ({
      ...row,
      hasVersion: credentials_version !== 0,
    })),
    login_names: await all("login_names" as never, "name_key"),
    groups: await all("groups" as never, "id"),
    permissions: [...nameOf.values()].sort(),
    user_groups: await all("user_groups" as never, "user_id", "group_id"),
    group_permissions: named(await all("group_permissions" as never)),
    user_permissions: named(await all("user_permissions" as never)),
    bindings: await all("bindings" as never, "provider", "account_key"),
  };
}

export async function exportTo(db: Database, file: string, options: Partial<ExportOptions> = {}) {
  let text = "";
  for await (const piece of exportDjango(db, { ...exportDefaults, ...options })) text += piece;
  writeFileSync(file, text);
  return JSON.parse(text) as { model: string; pk?: number; fields: Record<string, unknown> }[];
}
