import type { ExtraField, ExtraValues } from "../../accounts/extra-field.ts";
import type { ExtraFields } from "../../accounts/extra-fields.ts";
import { type Row, SourceError } from "./django-reader.ts";

/**
 * Which column of a Django users table holds which field of SIGN_UP_FIELDS, and the nickname: what the operator says
 * (`company=company_name`, or `company` alone where both have one name). An import also takes what is named alike without
 * being told.
 */
export type FieldColumns = ReadonlyMap<string, string>;

/** Not declared: every account has it. */
export const nicknameField = "nickname";

/** Throws a SourceError for a field that is not declared, and for one that is said twice. */
export function readFieldColumns(given: readonly string[], declared: readonly ExtraField[]): FieldColumns {
  const names = new Set([nicknameField, ...declared.map(({ name }) => name)]);
  const columns = new Map<string, string>();
  for (const one of given) {
    const [field = "", column = field, ...rest] = one.split("=");
    if (!names.has(field) || column === "" || rest.length > 0 || columns.has(field)) {
      const known = [...names].join(", ");
      throw new SourceError(
        `--field ${one}：应写成 <字段>=<列>，每个字段一次；字段有 ${known}（见 SIGN_UP_FIELDS）。`,
        `--field ${one}: write <field>=<column>, each field once; the fields are ${known} (SIGN_UP_FIELDS).`,
      );
    }
    columns.set(field, column);
  }
  return columns;
}

/** With what is named alike. Throws a SourceError for a column that the table lacks. */
export function withNamedAlike(
  said: FieldColumns,
  declared: readonly ExtraField[],
  table: { readonly columns: ReadonlySet<string>; readonly own: readonly string[] },
): FieldColumns {
  const missing = [...said.values()].find((column) => !table.columns.has(column));
  if (missing !== undefined) {
    throw new SourceError(`账号表中没有列 ${missing}。`, `The table of accounts has no column ${missing}.`);
  }
  const taken = new Set([...said.values(), ...table.own]);
  const alike = [nicknameField, ...declared.map(({ name }) => name)].filter(
    (name) => !said.has(name) && table.columns.has(name) && !taken.has(name),
  );
  return new Map([...said, ...alike.map((name) => [name, name] as const)]);
}

export interface ReadFields {
  readonly values: ExtraValues;
  /** Fields whose value doesn't fit, each with what is wrong. */
  readonly misfits: readonly string[];
}

/** The declared fields of one row. An empty text is none. */
export function readFields(
  row: Row,
  columns: FieldColumns,
  extraFields: Pick<ExtraFields, "declared" | "fit">,
): ReadFields {
  const given = extraFields.declared.flatMap(({ name, type }) => {
    const column = columns.get(name);
    const raw = column === undefined ? null : row[column];
    return raw == null || raw === "" ? [] : [[name, plain(raw, type)] as const];
  });
  const { values, problems } = extraFields.fit(Object.fromEntries(given));
  return { values, misfits: problems.map(({ field, code }) => `${field.replace("fields.", "")}: ${code}`) };
}

/** As requests have it, whatever the engine makes of the column. */
function plain(raw: unknown, type: ExtraField["type"]): unknown {
  if (typeof raw === "bigint") return Number(raw);
  if (type === "boolean" && (raw === "t" || raw === "f")) return raw === "t";
  // Of a time the day.
  if (type === "date") return /^\d{4}-\d\d-\d\d/.exec(String(raw))?.[0] ?? raw;
  return raw;
}
