import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { djangoDatabase } from "../../../test/support/django-database.ts";
import { exportTo, runImport } from "../../../test/support/django-import.ts";
import { temporarySqlite } from "../../../test/support/sqlite.ts";
import { readExtraFields } from "../../accounts/extra-field-declarations.ts";
import { createExtraFields, type ExtraFields } from "../../accounts/extra-fields.ts";
import type { Database } from "../../engines/database/database.ts";
import { readFieldColumns } from "../sources/django-fields.ts";

const label = { zh: "某项", en: "Something" };
const declared = readExtraFields(
  JSON.stringify([
    { name: "company", type: "text", label, required: true, max: 20 },
    { name: "employees", type: "integer", label, min: 1 },
    { name: "size", type: "choice", label, choices: ["S", "L"], write: ["staff"] },
    { name: "founded", type: "date", label },
    { name: "listed", type: "boolean", label, read: ["services"] },
  ]),
);
const names = declared.map(({ name }) => name);

let folder: string;
let db: Database;
let extraFields: ExtraFields;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-fields-"));
  db = await temporarySqlite();
  extraFields = createExtraFields(db, declared);
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A site whose users have more columns, as an ALTER TABLE of its own migrations made them. */
function site(columns: string, ...updates: string[]): string {
  const file = join(folder, "django.sqlite3");
  const source = djangoDatabase(file);
  source.user({ id: 1, username: "first001" });
  source.user({ id: 2, username: "second02" });
  for (const column of columns.split(", ")) source.exec(`alter table tb_users add column ${column}`);
  for (const update of updates) source.exec(`update tb_users set ${update}`);
  source.close();
  return file;
}
const stored = async (id: number, from = db, fields = extraFields) => {
  const row = await from.kysely
    .selectFrom("extra_fields")
    .select("fields")
    .where("user_id", "=", id)
    .executeTakeFirst();
  return row === undefined ? null : fields.shown(JSON.parse(row.fields), names);
};
const nicknameOf = async (id: number, from = db) =>
  (await from.kysely.selectFrom("users").select("nickname").where("id", "=", id).executeTakeFirstOrThrow())
    .nickname;

describe("an import", () => {
  it("takes columns named alike, and says which it leaves out", async () => {
    const source = site(
      "company varchar(50), employees integer, size varchar(1), founded datetime, listed bool, nickname text, points int",
      "company = '美多', employees = 7, size = 'L', founded = '2026-11-28 10:00:00', listed = 1, nickname = ' 三哥 ' where id = 1",
      "company = '', listed = 0 where id = 2",
    );
    const { findings } = await runImport(db, source, { extraFields });
    expect(await stored(1)).toEqual({
      ...{ company: "美多", employees: 7, size: "L", founded: "2026-11-28", listed: true },
    });
    expect(await stored(2)).toMatchObject({ company: null, employees: null, listed: false });
    expect([await nicknameOf(1), await nicknameOf(2)]).toEqual(["三哥", null]);
    const columns = findings.filter(({ kind }) => kind === "unknown_column").map(({ name }) => name);
    expect(columns).toEqual(["points"]);
  });

  it("takes columns of other names where it is told so", async () => {
    const source = site("firm text, nick text, company text", "firm = 'A', nick = 'B', company = 'C'");
    const fields = ["company=firm", "nickname=nick"];
    const { findings } = await runImport(db, source, { extraFields, fields });
    expect(await stored(1)).toMatchObject({ company: "A" });
    expect(await nicknameOf(1)).toBe("B");
    expect(findings.filter(({ kind }) => kind === "unknown_column").map(({ name }) => name)).toEqual([
      "company",
    ]);
  });

  it("leaves out what doesn't fit, and reports it", async () => {
    const source = site(
      "company text, employees text, size text, founded text",
      `company = '${"x".repeat(21)}', employees = 'many', size = 'XL', founded = '2026-02-30'`,
    );
    const { findings } = await runImport(db, source, { extraFields });
    const misfits = findings.filter(({ kind, id }) => kind === "field_misfit" && id === 1);
    expect(misfits.map(({ detail }) => detail)).toEqual([
      ...["company: too_long", "employees: not_an_integer", "size: not_a_choice", "founded: not_a_date"],
    ]);
    expect(await stored(1)).toBeNull();
  });

  it("writes none in a dry run, and none where nothing is declared", async () => {
    const source = site("company text", "company = 'A'");
    await runImport(db, source, { extraFields, dryRun: true });
    await runImport(db, source);
    expect(await stored(1)).toBeNull();
  });

  it("by --update leaves the nickname and the fields that are here", async () => {
    const source = site("company text, nickname text", "company = 'A', nickname = 'A'");
    await runImport(db, source, { extraFields });
    await extraFields.write(db, 1, { company: "ours" }, 1);
    await db.kysely.updateTable("users").set({ nickname: "ours" }).execute();
    const there = new DatabaseSync(source);
    there.exec("update tb_users set first_name = '三', company = 'B', nickname = 'B'");
    there.close();
    const { kinds } = await runImport(db, source, { extraFields, update: true });
    expect(kinds).toContain("updated");
    expect(await stored(1)).toMatchObject({ company: "ours" });
    expect(await nicknameOf(1)).toBe("ours");
  });

  it.each([["points=points"], ["company=a=b"], ["company", "company"], ["company="]])(
    "refuses --field %j",
    async (...fields) => {
      await expect(runImport(db, site("company text"), { extraFields, fields })).rejects.toThrow(
        /each field once/,
      );
    },
  );

  it("refuses a column that the table lacks", async () => {
    const fields = ["company=firm"];
    await expect(runImport(db, site("nick text"), { extraFields, fields })).rejects.toThrow(/no column firm/);
  });
});

describe("an export", () => {
  it("comes back whole: fields and nickname, from columns of the names that were asked for", async () => {
    const source = site(
      "company text, employees integer, size text, founded date, listed bool, nickname text",
      "company = '美多', employees = 7, size = 'S', founded = '2026-11-28', listed = 0, nickname = '三哥' where id = 1",
    );
    await runImport(db, source, { extraFields });
    const given = ["company=firm", "employees", "size", "founded", "listed", "nickname=nick"];
    const file = join(folder, "export.json");
    const objects = await exportTo(db, file, { fields: readFieldColumns(given, declared), extraFields });
    const users = objects.filter(({ model }) => model === "users.user").map(({ fields }) => fields);
    expect(users[0]).toMatchObject({ firm: "美多", employees: 7, listed: false, nick: "三哥" });
    expect(users[1]).toMatchObject({ firm: "", employees: null, founded: null, nick: "" });

    const other = await temporarySqlite();
    try {
      const theirs = createExtraFields(other, declared);
      const fields = ["company=firm", "nickname=nick"];
      const { kinds } = await runImport(other, file, { extraFields: theirs, fields });
      expect(kinds).not.toContain("unknown_column");
      expect(await stored(1, other, theirs)).toEqual(await stored(1));
      expect([await nicknameOf(1, other), await nicknameOf(2, other)]).toEqual(["三哥", null]);
    } finally {
      await other.close();
    }
  });

  it("has none of them where none was asked for", async () => {
    await runImport(db, site("company text", "company = 'A'"), { extraFields });
    const objects = await exportTo(db, join(folder, "export.json"), { extraFields });
    const [user] = objects.filter(({ model }) => model === "users.user");
    expect(Object.keys(user!.fields)).not.toContain("company");
    expect(Object.keys(user!.fields)).not.toContain("nickname");
  });
});
