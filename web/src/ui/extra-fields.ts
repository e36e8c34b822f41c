/** The fields that the site asks for besides those of every account: their values in a form, and what is sent of them. */
import { siteConfig } from "../api.ts";
import type { ExtraField } from "../site-config.ts";

export type ExtraFormValues = Record<`fields.${string}`, string | boolean>;

export function extraFields(): readonly ExtraField[] {
  return siteConfig().signUp.fields;
}

/** As a form begins, with what is known of them. */
export function extraValues(known: Readonly<Record<string, unknown>> = {}): ExtraFormValues {
  return Object.fromEntries(
    extraFields().map(({ name, type }) => {
      const value = known[name];
      return [`fields.${name}`, type === "boolean" ? value === true : String(value ?? "")];
    }),
  );
}

/** What a form checks before it asks the server: that what is required is there. */
export function extraChecks(): Record<string, (values: Record<string, unknown>) => string | null> {
  const required = extraFields().filter((field) => field.required && field.type !== "boolean");
  return Object.fromEntries(
    required.map(({ name }) => {
      const key = `fields.${name}`;
      return [key, (values) => (String(values[key] ?? "").trim() === "" ? "check.required" : null)];
    }),
  );
}

/** For a request's body; nothing where the site asks for none. An empty one is sent as null, which empties it. */
export function extraBody(values: Readonly<Record<string, unknown>>): { fields?: Record<string, unknown> } {
  const fields = extraFields();
  if (fields.length === 0) return {};
  return {
    fields: Object.fromEntries(
      fields.map(({ name, required }) => {
        const value = values[`fields.${name}`];
        return [name, value === "" && !required ? null : value];
      }),
    ),
  };
}
