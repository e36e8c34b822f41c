import type { ReservedUsernames } from "../accounts/reserved-usernames.ts";
import { username } from "../accounts/username.ts";
import { invitationField } from "../admission/invitation-token.ts";
import { choiceFields } from "../admission/sign-up-choices.ts";
import { ticketFields } from "../identities/flow/ticket-fields.ts";
import Type from "../kernel/schema/schema.ts";
import { passwordField } from "../passwords/password-policy.ts";
import { contactFields } from "./contact-fields.ts";
import { refreshAnswer, refreshField } from "./refresh-field.ts";

/** What comes with a first log-in by a third party that is bound to an account, or made one (contract: endpoints of the tutorial). */

/** As at a sign-up, but nobody is refused without it: clients from before don't send it, and the site asks later. */
const allowField = Type.Optional(Type.String({ acceptBoolean: true, allowBlank: true }));

/** Of `POST /oauth/<provider>/user/`. */
export const BindBody = Type.Object({
  password: Type.String(passwordField),
  ...contactFields,
  ...ticketFields,
  invitation: Type.Optional(Type.String(invitationField)),
  fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
  allow: allowField,
  ...choiceFields,
  login_type: Type.Optional(Type.String({ maxLength: 10 })),
  ...refreshField,
});

/** Of `POST /oauth/<provider>/account/`. */
export const accountBody = (reserved: ReservedUsernames) =>
  Type.Object({
    ...ticketFields,
    username: Type.String(username.person(reserved)),
    invitation: Type.Optional(Type.String(invitationField)),
    fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
    allow: allowField,
    ...choiceFields,
    ...refreshField,
  });

/** What both answer. */
export const Account = Type.Object({
  email: Type.String(),
  username: Type.String(),
  token: Type.String(),
  user_id: Type.Integer(),
  id: Type.Integer(),
  ...refreshAnswer,
});
