import type { Actor, Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { ExtraValues } from "./extra-field.ts";
import type { ExtraFields } from "./extra-fields.ts";
import type { User } from "./record.ts";

/**
 * What whoever acts in an owner's place changed of the profile, in the audit log with both names. An owner's own changes of it are no
 * entries (`impersonator` null): nobody else made them. `fields` are the site's own, which are written afterwards.
 */
export async function recordImpersonated(
  { audit, extraFields }: { readonly audit: Audit; readonly extraFields: ExtraFields },
  transaction: Db,
  impersonator: Actor | null,
  { before, after, fields }: { readonly before: User; readonly after: User; readonly fields: ExtraValues },
): Promise<void> {
  if (impersonator === null) return;
  const isAny = Object.keys(fields).length > 0;
  const own = isAny ? await extraFields.of(before.id, "user", transaction) : {};
  await audit.record(transaction, impersonator, {
    ...{ action: "user.change", targetKind: "user", targetId: before.id, target: before.username },
    before: { ...namesOf(before), ...named(own) },
    after: { ...namesOf(after), ...named({ ...own, ...fields }) },
  });
}

const namesOf = ({ first_name, last_name, nickname }: User) => ({ first_name, last_name, nickname });

const named = (values: ExtraValues) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`fields.${name}`, value]));
