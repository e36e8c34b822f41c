import { hasSomething } from "./collect.ts";
import type { PersonalTable, Shown } from "./personal-table.ts";

/** docs/export.schema.json: what is in export.json, in JSON Schema. */
export function exportSchema(tables: readonly PersonalTable[]): object {
  const shown = tables.filter(hasSomething);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "export.json: everything that is kept about an account",
    type: "object",
    required: ["schema_version", "made_at", "account_id", "tables", "cut", "left_out"],
    properties: {
      schema_version: { const: 1 },
      made_at: { type: "string", format: "date-time" },
      account_id: { type: "integer" },
      tables: {
        type: "object",
        required: shown.map(({ table }) => table),
        properties: Object.fromEntries(shown.map((one) => [one.table, rowsOf(one)])),
        additionalProperties: false,
      },
      cut: {
        description: "Tables that have more rows than an export has: the newest so many are in it.",
        type: "object",
        additionalProperties: { type: "integer" },
      },
      left_out: {
        description: "By table and column: secret, internal, repeated, or of others.",
        type: "object",
        additionalProperties: {
          type: "object",
          additionalProperties: { enum: ["secret", "internal", "repeated", "others"] },
        },
      },
    },
    additionalProperties: false,
  };
}

const types: Readonly<Record<Shown, object>> = {
  text: { type: ["string", "null"] },
  count: { type: ["integer", "null"] },
  time: { type: ["string", "null"], format: "date-time" },
  flag: { type: ["boolean", "null"] },
  json: { type: ["object", "null"] },
};

function rowsOf({ columns }: PersonalTable): object {
  const shown = Object.entries(columns).flatMap(([name, how]) =>
    typeof how === "string" ? [[name, types[how]] as const] : [],
  );
  return {
    type: "array",
    items: {
      ...{ type: "object", required: shown.map(([name]) => name), properties: Object.fromEntries(shown) },
      additionalProperties: false,
    },
  };
}
