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
  const { fields, ...rest } = maskUser(user);
  return { ...rest, ...(fields === undefined ? {} : { fields: mask(fields) as Record<string, unknown> }) };
}

/** `张三丰` becomes `张**`. */
function maskName(name: string): string {
  const [first = "", ...rest] = name;
  return first + "*".repeat(Math.min(rest.length, 3));
}
