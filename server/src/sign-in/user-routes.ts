import { email } from "../accounts/email.ts";
import type { ReservedUsernames } from "../accounts/reserved-usernames.ts";
import { username } from "../accounts/username.ts";
import type { Users } from "../accounts/users.ts";
import { invitationField } from "../admission/invitation-token.ts";
import type { Invitations } from "../admission/invitations.ts";
import { choiceFields, choicesIn } from "../admission/sign-up-choices.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { invalidFields } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { readableEmail } from "../kernel/email-address.ts";
import { readAttached } from "../kernel/schema/read-fields.ts";
import Type from "../kernel/schema/schema.ts";
import { passwordField } from "../passwords/password-policy.ts";
import type { SessionCookies } from "../sessions/cookie-authenticator.ts";
import type { Door } from "./complete.ts";
import {
  contactFields,
  contactIn,
  contactKindOf,
  contactProblems,
  emailBeside,
  inOrder,
} from "./contact-fields.ts";
import type { NameChecks } from "./name-checks.ts";
import { newAccountField, otherProofFields, otherProofIn } from "./other-proof.ts";
import type { createPasswordReset } from "./password-reset.ts";
import type { Contact } from "./proved-contact.ts";
import { refreshAnswer, refreshField, tokensOf } from "./refresh-field.ts";
import type { createSignUp, SignUpInput } from "./sign-up.ts";

/** Sign-up, existence checks, password reset (contract: endpoints of the tutorial). */
export interface UserRoutesDeps {
  readonly users: Users;
  readonly nameChecks: NameChecks;
  readonly signUp: ReturnType<typeof createSignUp>;
  readonly passwordReset: ReturnType<typeof createPasswordReset>;
  readonly door: Door;
  readonly devices: KnownDevices;
  readonly sessionCookies: SessionCookies;
  readonly reservedUsernames: ReservedUsernames;
  readonly invitations: Pick<Invitations, "find">;
  /** Whether somebody may sign up without choosing a user name. */
  readonly usernameOptional: boolean;
}

function signUpBody(reserved: ReservedUsernames, isOptional: boolean) {
  const chosen = Type.String(username.person(reserved));
  return Type.Object({
    // The handler reads what came; its type is that of the site's default.
    username: isOptional
      ? (Type.Optional(Type.String({ ...chosen, allowBlank: true })) as unknown as typeof chosen)
      : chosen,
    email: contactFields.email,
    mobile: contactFields.mobile,
    password: Type.String(passwordField),
    password2: Type.String(passwordField),
    email_code: contactFields.email_code,
    sms_code: contactFields.sms_code,
    allow: Type.String({ acceptBoolean: true }),
    invitation: Type.Optional(Type.String(invitationField)),
    fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
    ...newAccountField,
    ...choiceFields,
    ...refreshField,
  });
}

const ResetBody = Type.Object({
  ...contactFields,
  ...otherProofFields,
  password: Type.String(passwordField),
  password2: Type.String(passwordField),
});

export function userRoutes(api: Api, deps: UserRoutesDeps): void {
  const { users, signUp, passwordReset, door, devices, reservedUsernames } = deps;
  const SignUpBody = signUpBody(reservedUsernames, deps.usernameOptional);
  for (const prefix of ["/users", ""]) {
    const hide = prefix === "";
    api.route({
      method: "GET",
      url: `${prefix}/usernames/:username/count/`,
      config: { auth: "optional" },
      schema: {
        summary: "Whether a user name is taken",
        tags: ["users"],
        hide,
        params: Type.Object({
          username: Type.String(username.person(reservedUsernames)),
        }),
        response: { 200: Type.Object({ username: Type.String(), count: Type.Integer() }) },
      },
      async handler(request) {
        deps.nameChecks.admit(request.ip);
        const { username } = request.params;
        return { username, count: (await users.isLoginNameTaken(username)) ? 1 : 0 };
      },
    });
    api.route({
      method: "GET",
      url: `${prefix}/emails/:email/count/`,
      config: { auth: "optional" },
      schema: {
        summary: "Whether an e-mail address is taken",
        tags: ["users"],
        hide,
        params: Type.Object({ email: Type.String(email.person()) }),
        response: { 200: Type.Object({ email: Type.String(), count: Type.Integer() }) },
      },
      async handler(request) {
        deps.nameChecks.admit(request.ip);
        const { email } = request.params;
        return { email, count: (await users.isLoginNameTaken(email)) ? 1 : 0 };
      },
    });
  }

  api.route({
    method: "POST",
    url: "/users/",
    config: { auth: "optional" },
    // The handler adds what only the database knows, so that all problems are reported at once.
    attachValidation: true,
    schema: {
      summary: "Sign up",
      tags: ["users"],
      body: SignUpBody,
      response: {
        201: Type.Object({
          id: Type.Integer(),
          username: Type.String(),
          email: Type.String(),
          /** Of who signed up by a number. */
          mobile: Type.Optional(Type.String()),
          token: Type.String(),
          user_id: Type.Integer(),
          ...refreshAnswer,
        }),
      },
    },
    async handler(request, reply) {
      const { problems, valid } = readAttached(request);
      const wish = await deps.sessionCookies.wishOf(request, valid.refresh === true);
      const { refresh: _wish, ...fields } = valid;
      const kind = contactKindOf(request.body);
      const ofContact = contactProblems(kind, request.body, problems);
      const input = signUpInput(kind, fields);
      const found = [...ofContact, ...(await signUp.problemsOf(kind, input))];
      if (found.length > 0) throw invalidFields(...inOrder(found, Object.keys(SignUpBody.properties)));
      const asker = await devices.askerOf(request);
      const proved = await signUp.signUp(input as SignUpInput, asker);
      const session = await door.complete(proved, asker, wish);
      reply.code(201);
      const { id, username, email, mobile } = proved.account;
      const byNumber = kind === "mobile" && mobile !== null ? { mobile } : {};
      const own = { id, username, email: readableEmail(email ?? ""), ...byNumber };
      return { ...own, user_id: id, ...tokensOf(session, reply) };
    },
  });

  api.route({
    method: "POST",
    url: "/users/invitations/",
    config: { auth: "optional" },
    schema: {
      summary: "What an invitation is good for, before the form is filled in",
      tags: ["users"],
      body: Type.Object({ invitation: Type.String(invitationField) }),
      response: {
        200: Type.Object({ email: Type.Union([Type.String(), Type.Null()]), expires: Type.String() }),
      },
    },
    async handler(request) {
      const { email, expires_at } = await deps.invitations.find(request.body.invitation);
      return {
        email: email === null ? null : readableEmail(email),
        expires: new Date(expires_at).toISOString(),
      };
    },
  });

  api.route({
    method: "POST",
    url: "/users/password/",
    config: { auth: "optional" },
    // The handler adds which of the two pairs is missing.
    attachValidation: true,
    schema: {
      summary: "Set a new password with a code sent by e-mail, or by SMS to the proved number",
      tags: ["users"],
      body: ResetBody,
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request, reply) {
      const { language } = request;
      const { problems, valid } = readAttached(request);
      const kind = contactKindOf(request.body);
      const found = contactProblems(kind, request.body, problems);
      if (found.length > 0) throw invalidFields(...inOrder(found, Object.keys(ResetBody.properties)));
      const asker = await devices.askerOf(request);
      const { password, password2: repeated } = valid as { password: string; password2: string };
      const other = otherProofIn(valid, emailBeside(kind, valid));
      const input = { ...contactIn(kind, valid), password, repeated, other };
      const user = await passwordReset.resetPassword(input, language, asker);
      // Whoever reads the account's mail: else strangers who fill their counters again would keep the owner out.
      reply.header("set-cookie", await devices.remember(user, asker));
      return { message: "OK" };
    },
  });
}

/** From the tutorial's names for the fields that were right. */
function signUpInput(
  kind: Contact["kind"],
  { password2, allow, username, new_account, ...same }: Readonly<Record<string, unknown>>,
): Partial<SignUpInput> {
  return {
    ...same,
    ...(same[kind] === undefined ? {} : contactIn(kind, same)),
    // Forms send an empty field along.
    ...(username === undefined || username === "" ? {} : { username: String(username) }),
    ...(password2 === undefined ? {} : { repeated: String(password2) }),
    ...(typeof new_account === "boolean" ? { newAccount: new_account } : {}),
    ...(allow === undefined ? {} : { acceptsTerms: allow === "true" }),
    choices: choicesIn(same),
  };
}
