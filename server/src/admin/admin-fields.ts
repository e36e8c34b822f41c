import { isMobileProved } from "../accounts/mobile.ts";
import { shownNickname } from "../accounts/nickname.ts";
import type { ShownUser } from "../accounts/record.ts";
import { fullName } from "../accounts/users.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { UserView } from "./user-admin.ts";
import { userMatches } from "./user-list.ts";

/** Schemas and renderings that the administration routes share. */
export const idParameters = Type.Object({ id: Type.Integer({ minimum: 1 }) });

/** Keyset paging: `after` (or `before`) is the `next` of the page before. */
export const pageSize = Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }));
export const defaultPageSize = 50;

const nullableText = Type.Union([Type.String(), Type.Null()]);

/** What the list of accounts and its export are asked for: see user-list.ts. */
export const UserFilterFields = {
  search: Type.Optional(Type.String({ maxLength: 512 })),
  match: Type.Optional(Type.Enum([...userMatches])),
  is_active: Type.Optional(Type.Boolean()),
  is_staff: Type.Optional(Type.Boolean()),
  is_superuser: Type.Optional(Type.Boolean()),
  group: Type.Optional(Type.Integer({ minimum: 1 })),
  second_factor: Type.Optional(Type.Enum(["on", "off", "missing"])),
  confirmed: Type.Optional(Type.Boolean()),
  provider: Type.Optional(Type.String({ maxLength: 32 })),
  /** ISO 8601: of the time when it was made, and of its last log-in. */
  joined_from: Type.Optional(Type.String({ maxLength: 40 })),
  joined_to: Type.Optional(Type.String({ maxLength: 40 })),
  seen_from: Type.Optional(Type.String({ maxLength: 40 })),
  seen_to: Type.Optional(Type.String({ maxLength: 40 })),
};

/** For screens: addresses, numbers and names are shortened before they leave the server. */
export const masked = Type.Optional(Type.Boolean());

export const UserFields = {
  id: Type.Integer(),
  username: Type.String(),
  email: nullableText,
  mobile: nullableText,
  first_name: Type.String(),
  last_name: Type.String(),
  full_name: Type.String(),
  /** As others see it. */
  nickname: nullableText,
  is_active: Type.Boolean(),
  is_staff: Type.Boolean(),
  is_superuser: Type.Boolean(),
  email_active: Type.Boolean(),
  mobile_verified: Type.Boolean(),
  last_login: nullableText,
  date_joined: Type.String(),
  deletion_due: Type.Union([Type.String(), Type.Null()], {
    description: "From when on the account is erased, where that was asked for",
  }),
  version: Type.Integer({
    description:
      "Grows with each change that webhooks tell of: of two answers the one with the higher is the later",
  }),
};

export const UserAnswer = Type.Object({
  ...UserFields,
  groups: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String() })),
  permissions: Type.Array(Type.String()),
  /** Of SIGN_UP_FIELDS; absent where the site declares none. */
  fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
  /** What its owner agreed to beyond the terms, by purpose; absent where the site asks nothing. */
  consents: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
  /** What its owner said of their age; absent where the site doesn't ask. */
  age: Type.Optional(
    Type.Union([Type.Object({ declared: Type.String(), guardian_contact: nullableText }), Type.Null()]),
  ),
});

/** Never the hash, nor anything a token could be made of. */
export function renderUser(user: ShownUser) {
  return {
    id: user.id,
    username: readableEmail(user.username),
    email: user.email === null ? null : readableEmail(user.email),
    mobile: user.mobile,
    first_name: user.first_name,
    last_name: user.last_name,
    full_name: fullName(user),
    nickname: shownNickname(user),
    is_active: user.is_active === 1,
    is_staff: user.is_staff === 1,
    is_superuser: user.is_superuser === 1,
    email_active: user.email_verified === 1,
    mobile_verified: isMobileProved(user),
    last_login: user.last_login_at === null ? null : new Date(user.last_login_at).toISOString(),
    date_joined: new Date(user.joined_at).toISOString(),
    deletion_due: user.deletion_due_at === null ? null : new Date(user.deletion_due_at).toISOString(),
    version: user.version,
  };
}

export function renderUserView({ user, groups, permissions, fields, choices, age }: UserView) {
  return {
    ...renderUser(user),
    groups: groups.map(({ id, name }) => ({ id, name })),
    permissions: [...permissions],
    ...(fields === null ? {} : { fields: { ...fields } }),
    ...(choices === null ? {} : { consents: { ...choices } }),
    ...(age === undefined
      ? {}
      : { age: age === null ? null : { declared: age.declared, guardian_contact: age.guardian_contact } }),
  };
}
