import type { Static } from "typebox";
import type { CurrentUser } from "../http/authentication.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";

/** An account as its owner sees it. The original's keys come first, under its names. */
export const Profile = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  mobile: Type.Union([Type.String(), Type.Null()]),
  email: Type.Union([Type.String(), Type.Null()]),
  email_active: Type.Boolean(),
  first_name: Type.String(),
  last_name: Type.String(),
  is_staff: Type.Boolean(),
  is_superuser: Type.Boolean(),
});

export function profileOf(user: CurrentUser): Static<typeof Profile> {
  return {
    id: user.id,
    username: readableEmail(user.username),
    mobile: user.mobile,
    email: user.email === null ? null : readableEmail(user.email),
    email_active: user.email_verified === 1,
    first_name: user.first_name,
    last_name: user.last_name,
    is_staff: user.is_staff === 1,
    is_superuser: user.is_superuser === 1,
  };
}
