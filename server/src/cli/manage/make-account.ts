import { email as emailField } from "../../accounts/email.ts";
import { createExtraFields } from "../../accounts/extra-fields.ts";
import { mobile as mobileField } from "../../accounts/mobile.ts";
import type { NewUser, User } from "../../accounts/record.ts";
import { username as usernameField } from "../../accounts/username.ts";
import type { Db } from "../../engines/database/database.ts";
import { invalidFields } from "../../errors/errors.ts";
import type { ManageContext } from "../command/contexts.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { recordOfAccount } from "./account-audit.ts";
import { findGroup } from "./find-group.ts";

/** An account as a command makes it, and what it belongs to. */
export interface Wanted extends Omit<NewUser, "password_hash"> {
  /** Names of groups. */
  readonly groups?: readonly string[];
  /** Permissions of its own: `app.codename`. */
  readonly permissions?: readonly string[];
  /** Of SIGN_UP_FIELDS. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

const fields = { username: usernameField, email: emailField, mobile: mobileField } as const;

/**
 * Makes the account in the caller's transaction, with its entry in the audit log, which has neither password nor hash.
 * Throws a CommandFailure for a name that is taken and a group that isn't there; `invalid_fields` for names that are none.
 */
export async function makeAccount(
  context: ManageContext,
  transaction: Db,
  { groups = [], permissions = [], fields: extra = {}, ...wanted }: Wanted,
  password_hash: string,
): Promise<User> {
  const created = await context.users.add(transaction, { ...wanted, password_hash }, "operator");
  if ("taken" in created) {
    const { called } = fields[created.taken];
    throw new CommandFailure(
      `${wanted.username}：${called.zh}已被使用。`,
      `${wanted.username}: the ${called.en} is taken.`,
    );
  }
  const extraFields = createExtraFields(context.db, context.config.extraFields);
  const { values, problems } = extraFields.fit(extra);
  if (problems.length > 0) throw invalidFields(...problems);
  await extraFields.write(transaction, created.id, values, context.clock.now());
  const ids: number[] = [];
  for (const name of groups) {
    ids.push((await findGroup(context.groups, name, transaction)).id);
  }
  if (ids.length > 0) await context.groups.setOfUser(transaction, created.id, ids);
  if (permissions.length > 0) await context.groups.grantToUser(transaction, created.id, permissions);
  const given = {
    ...wanted,
    ...(groups.length > 0 && { groups }),
    ...(permissions.length > 0 && { permissions }),
    ...(Object.keys(values).length > 0 && { fields: values }),
  };
  await recordOfAccount(context, transaction, "user.create", created, {}, given);
  return created;
}
