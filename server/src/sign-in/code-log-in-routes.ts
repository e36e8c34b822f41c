import type { Static } from "typebox";
import type { ReservedUsernames } from "../accounts/reserved-usernames.ts";
import { username } from "../accounts/username.ts";
import { invitationField } from "../admission/invitation-token.ts";
import { choiceFields, choicesIn } from "../admission/sign-up-choices.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { invalidFields } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { readAttached } from "../kernel/schema/read-fields.ts";
import Type from "../kernel/schema/schema.ts";
import type { SessionCookies } from "../sessions/cookie-authenticator.ts";
import type { CodeLogIn } from "./code-log-in.ts";
import type { Door } from "./complete.ts";
import {
  contactFields,
  contactIn,
  contactKindOf,
  contactProblems,
  emailBeside,
  inOrder,
} from "./contact-fields.ts";
import { newAccountField, otherProofFields, otherProofIn } from "./other-proof.ts";
import { LogInAnswer, logInAnswer, refreshField } from "./refresh-field.ts";

export interface CodeLogInRoutesDeps {
  readonly codeLogIn: CodeLogIn;
  readonly door: Door;
  readonly devices: KnownDevices;
  readonly sessionCookies: SessionCookies;
  readonly reservedUsernames: ReservedUsernames;
}

/** The same for every answer; what an account is made of may be left out, and is asked for where there is none. */
const bodyOf = (reserved: ReservedUsernames) =>
  Type.Object({
    ...contactFields,
    allow: Type.Optional(Type.String({ acceptBoolean: true })),
    username: Type.Optional(Type.String({ ...username.person(reserved), allowBlank: true })),
    invitation: Type.Optional(Type.String(invitationField)),
    fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
    ...otherProofFields,
    ...newAccountField,
    ...choiceFields,
    ...refreshField,
  });

/** POST /users/codes/sign-in/: a code in place of a password; asked for with `send_type=signIn`. */
export function codeLogInRoutes(api: Api, deps: CodeLogInRoutesDeps): void {
  const { codeLogIn, door, devices, sessionCookies } = deps;
  const Body = bodyOf(deps.reservedUsernames);
  api.route({
    method: "POST",
    url: "/users/codes/sign-in/",
    config: { auth: "ignored" },
    // The handler adds which of the two pairs is missing.
    attachValidation: true,
    schema: {
      summary: "Log in by a code, or sign up by it: 201 where that made the account",
      tags: ["users"],
      body: Body,
      response: { 200: LogInAnswer, 201: LogInAnswer },
    },
    async handler(request, reply) {
      const { problems, valid } = readAttached(request);
      const kind = contactKindOf(request.body);
      const found = contactProblems(kind, request.body, problems);
      if (found.length > 0) throw invalidFields(...inOrder(found, Object.keys(Body.properties)));
      const {
        allow,
        username: chosen = "",
        invitation,
        fields,
        refresh,
        current_password,
        factor_code,
        new_account,
      } = valid as Partial<Static<typeof Body>>;
      const wish = await sessionCookies.wishOf(request, refresh);
      const asker = await devices.askerOf(request);
      const input = {
        ...{ ...contactIn(kind, valid), acceptsTerms: allow === "true" },
        // Forms send an empty field along.
        ...{ username: chosen === "" ? undefined : chosen, invitation, fields },
        newAccount: new_account === true,
        other: otherProofIn({ current_password, factor_code }, emailBeside(kind, valid)),
        choices: choicesIn(valid),
      };
      const proved = await codeLogIn.prove(input, asker, request.language);
      const session = await door.complete(proved, asker, wish);
      reply.code(proved.how === "sign_up" ? 201 : 200);
      return logInAnswer(proved.account, session, reply);
    },
  });
}
