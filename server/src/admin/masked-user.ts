import { mask, maskText } from "../kernel/mask.ts";
import type { renderUser, renderUserView } from "./admin-fields.ts";

/**
 * An account as a screen shows it until somebody asks for more: enough to recognise who wrote to you, too little to write to
 * them. What is masked here leaves the server masked; POST /admin/users/:id/reveal/ answers the rest, and its asking is in the
 * audit log (PIPL Art. 51: access by need).
 */
type Rendered = ReturnType<typeof renderUser>;

export function maskUser<User extends Rendered>(user: User): User {
  const { username, email, mobile, first_name, last_name, full_name, nickname } = user;
  return {
    ...user,
    username: maskText(username),
    email: email === null ? null : maskText(email),
    mobile: mobile === null ? null : maskText(mobile),
    first_name: maskName(first_name),
    last_name: maskName(last_name),
    full_name: maskName(full_name),
    nickname: nickname === null ? null : maskText(nickname),
  };
}

export function maskUserView(user: ReturnType<typeof renderUserView>) {
  const { fields, age, ...rest } = maskUser(user);
  return {
    ...rest,
    ...(fields === undefined ? {} : { fields: mask(fields) as Record<string, unknown> }),
    // A parent's address or number stands in it.
    ...(age === undefined ? {} : { age: mask(age) as typeof age }),
  };
}

interface ShownEntry {
  readonly actor: { readonly id: number | null; readonly username: string };
  readonly on_behalf_of: { readonly id: number; readonly username: string } | null;
  readonly target: { readonly kind: string; readonly id: number; readonly name: string };
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** An entry of the audit log in the same way: who, whom, and what was before and after. */
export function maskEntry<Entry extends ShownEntry>(entry: Entry): Entry {
  const { actor, on_behalf_of: behalf, target, before, after } = entry;
  const masked = <Named extends { readonly username: string }>(one: Named): Named => ({
    ...one,
    username: maskText(one.username),
  });
  return {
    ...entry,
    actor: masked(actor),
    on_behalf_of: behalf === null ? null : masked(behalf),
    target: { ...target, name: maskText(target.name) },
    before: maskValues(before),
    after: maskValues(after),
  };
}

const peoplesNames = new Set(["first_name", "last_name", "full_name"]);

const maskValues = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" && peoplesNames.has(name) ? maskName(value) : mask(value),
    ]),
  );

/** `张三丰` becomes `张**`. */
function maskName(name: string): string {
  const [first = "", ...rest] = name;
  return first + "*".repeat(Math.min(rest.length, 3));
}
