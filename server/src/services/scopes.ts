import { invalidFields } from "../errors/errors.ts";

/**
 * What a service may be allowed: any permission there is, but for those by which staff are made, for the file of all accounts and for what is done to jobs. Passwords, standing and
 * groups of staff have no permission of their own; admin/ keeps services from them (guard: services.test.ts).
 */
const forPeopleAlone: ReadonlySet<string> = new Set([
  ...["auth.add_group", "auth.change_group", "auth.delete_group", "auth.add_permission"],
  ...[
    "users.export_user",
    "users.bulk_user",
    "users.look_as_user",
    "users.impersonate_user",
    "admission.view_denial",
    "admission.change_denial",
    "log_ins.view_block",
    "log_ins.change_block",
    "users.view_note",
    "users.change_note",
    "jobs.change_job",
  ],
]);

/** In their order, each once. Errors: `invalid_fields` for none, an unknown one and one that no service may have. */
export function checkedScopes(wanted: readonly string[], known: ReadonlySet<string>): readonly string[] {
  const scopes = [...new Set(wanted)].sort();
  if (scopes.length === 0) throw invalidFields({ field: "scopes", code: "required" });
  for (const value of scopes) {
    const problem = { field: "scopes", parameters: { value } };
    if (forPeopleAlone.has(value)) throw invalidFields({ ...problem, code: "scope_refused" });
    if (!known.has(value)) throw invalidFields({ ...problem, code: "unknown_permission" });
  }
  return scopes;
}
