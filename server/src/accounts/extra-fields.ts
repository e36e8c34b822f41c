import type { Db } from "../engines/database/database.ts";
import { AppError, type FieldProblem } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import { compileFields } from "../kernel/schema/read-fields.ts";
import type { ExtraField, ExtraValues, FieldReader, FieldWriter } from "./extra-field.ts";
import { findExtraFields, storeExtraFields } from "./extra-field-store.ts";

/**
 * What SIGN_UP_FIELDS declares: read from requests by the rules of every other field, kept as one JSON object a person,
 * shown to those who may see it. Promises: nobody writes a field that is not theirs to write, and a value that is stored
 * fits its declaration; what an earlier declaration allowed and the present one doesn't is shown as none (guard:
 * extra-fields.test.ts). Where nothing is declared, nothing is asked of the database.
 */
export interface ExtraFields {
  readonly declared: readonly ExtraField[];
  /** Those that were given and are right, and what is wrong; `isNew` asks for the required ones. */
  read(
    given: unknown,
    writer: FieldWriter,
    isNew: boolean,
  ): { readonly values: ExtraValues; readonly problems: readonly FieldProblem[] };
  /** Those of other sources (an import, a file of the operator's) that fit their declarations, whoever may write them. */
  fit(given: Readonly<Record<string, unknown>>): {
    readonly values: ExtraValues;
    readonly problems: readonly FieldProblem[];
  };
  /** Of what is stored, what fits its declaration; a field without that is null. */
  shown(stored: Readonly<Record<string, unknown>>, names: readonly string[]): ExtraValues;
  /** Every field that the reader may see. */
  of(userId: number, reader: FieldReader, from?: Db): Promise<ExtraValues>;
  /** Writes what was read, beside the others. The caller has the account under lock. `now` in epoch milliseconds. */
  write(transaction: Db, userId: number, values: ExtraValues, now: number): Promise<void>;
}

export function createExtraFields(db: Db, declared: readonly ExtraField[]): ExtraFields {
  const readers = Object.fromEntries(declared.map((field) => [field.name, readerOf(field)]));

  /** The value as it is stored, or what is wrong with it. */
  function readOne({ name, required }: ExtraField, raw: unknown) {
    const isEmpty = raw === null || (typeof raw === "string" && raw.trim() === "");
    if (isEmpty && !required) return { value: null, problems: [] };
    return readers[name]!(raw);
  }

  function shown(stored: Readonly<Record<string, unknown>>, names: readonly string[]): ExtraValues {
    return Object.fromEntries(
      declared
        .filter(({ name }) => names.includes(name))
        .map((field) => {
          const read = Object.hasOwn(stored, field.name) ? readOne(field, stored[field.name]) : null;
          return [field.name, read?.problems.length === 0 ? read.value : null];
        }),
    );
  }

  return {
    declared,
    shown,

    fit(given) {
      const values: Record<string, ExtraValues[string]> = {};
      const problems: FieldProblem[] = [];
      for (const [name, raw] of Object.entries(given)) {
        const field = declared.find((one) => one.name === name);
        const read = field === undefined ? null : readOne(field, raw);
        if (read === null) problems.push({ field: `fields.${name.slice(0, 40)}`, code: "unknown_name" });
        else if (read.problems.length > 0) problems.push(...read.problems);
        else values[name] = read.value;
      }
      return { values, problems };
    },

    read(given, writer, isNew) {
      const sent = (given ?? {}) as Readonly<Record<string, unknown>>;
      const values: Record<string, ExtraValues[string]> = {};
      const problems: FieldProblem[] = [];
      for (const field of declared) {
        const raw = Object.hasOwn(sent, field.name) ? sent[field.name] : undefined;
        const at = `fields.${field.name}`;
        if (raw === undefined) {
          if (isNew && field.required) problems.push({ field: at, code: "required" });
        } else if (!field.write.includes(writer)) {
          problems.push({ field: at, code: "field_not_yours" });
        } else {
          const read = readOne(field, raw);
          problems.push(...read.problems);
          if (read.problems.length === 0) values[field.name] = read.value;
        }
      }
      for (const name of Object.keys(sent).filter((one) => !Object.hasOwn(readers, one))) {
        problems.push({ field: `fields.${name.slice(0, 40)}`, code: "unknown_name" });
      }
      return { values, problems };
    },

    async of(userId, reader, from = db) {
      const visible = declared.filter(({ read }) => read.includes(reader));
      if (visible.length === 0) return {};
      const names = visible.map(({ name }) => name);
      return shown(await findExtraFields(from, userId), names);
    },

    async write(transaction, userId, values, now) {
      if (Object.keys(values).length === 0) return;
      const all = { ...(await findExtraFields(transaction, userId)), ...values };
      const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
      await storeExtraFields(transaction, userId, kept, now);
    },
  };
}

/** By the interpreter that reads every other field of a request. */
function readerOf(field: ExtraField) {
  const { name } = field;
  const compiled = compileFields({ schema: { properties: { [name]: schemaOf(field) }, required: [name] } });
  return (raw: unknown): { value: ExtraValues[string]; problems: readonly FieldProblem[] } => {
    const read = compiled({ [name]: raw });
    if ("value" in read) return { value: (read.value as ExtraValues)[name]!, problems: [] };
    if (!(read.error instanceof AppError)) throw read.error;
    return { value: null, problems: read.error.fields.map((one) => ({ ...one, field: `fields.${name}` })) };
  };
}

function schemaOf({ type, min, max, choices }: ExtraField): object {
  switch (type) {
    case "integer":
      return {
        type,
        ...(min === undefined ? {} : { minimum: min }),
        ...(max === undefined ? {} : { maximum: max }),
      };
    case "boolean":
      return { type };
    case "choice":
      return { type: "string", enum: (choices ?? []).map(({ value }) => value) };
    case "date":
      return { type: "string", maxLength: 10, check: checkDate };
    case "text":
      return { type: "string", ...(min === undefined ? {} : { minLength: min }), maxLength: max };
  }
}

/** A day that there is, as `2026-11-28`. */
function checkDate(value: string): FieldCode | null {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`));
  return isDay && new Date(`${value}T00:00:00Z`).toISOString().startsWith(value) ? null : "not_a_date";
}
