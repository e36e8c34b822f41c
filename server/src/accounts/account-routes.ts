import type { Static } from "typebox";
import { impersonatorOf } from "../audit/impersonator.ts";
import { codeField } from "../codes/code.ts";
import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { AppError } from "../errors/errors.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { proofOf } from "../http/step-up.ts";
import Type from "../kernel/schema/schema.ts";
import { passwordField } from "../passwords/password-policy.ts";
import type { Account } from "./account.ts";
import { type ConsentRoutesDeps, consentRoutes } from "./consent-routes.ts";
import { email } from "./email.ts";
import type { OwnerOf } from "./expect-owner.ts";
import { mobile } from "./mobile.ts";
import { mobileRoutes, oldSmsCode } from "./mobile-routes.ts";
import { nickname } from "./nickname.ts";
import type { NumberLeaveRoutesDeps } from "./number-leave-routes.ts";
import { personName } from "./person-name.ts";
import { Profile, type Profiles } from "./profile.ts";
import type { User } from "./record.ts";
import type { ReservedUsernames } from "./reserved-usernames.ts";
import { username } from "./username.ts";

/** What people see and change of their own account. */
export interface AccountRoutesDeps extends ConsentRoutesDeps, Omit<NumberLeaveRoutesDeps, "devices"> {
  readonly account: Account;
  readonly devices: KnownDevices;
  readonly reservedUsernames: ReservedUsernames;
  /** Another token of the caller's session after a change of name; null where there is none (sign-in/complete.ts). */
  readonly renameInSession: (account: User, sessionId: string | null) => Promise<string | null>;
  readonly profiles: Profiles;
  readonly ownerOf: OwnerOf;
  /** Goes on with the caller's session after it ended every token (sign-in/complete.ts). */
  readonly renewSession: (
    account: User,
    asker: Asker,
    wish: { readonly refresh?: boolean | undefined; readonly cookie?: { readonly present: null } },
    sessionId: string | null,
  ) => Promise<{ token: string; refreshToken: string | null; cookies: readonly string[] }>;
}

const currentPassword = Type.Optional(Type.String({ trim: false, maxLength: 4096 }));

const profileChange = (reserved: ReservedUsernames) =>
  Type.Object({
    first_name: Type.Optional(Type.String(personName.options)),
    last_name: Type.Optional(Type.String(personName.options)),
    nickname: Type.Optional(Type.String({ ...nickname.person(reserved), allowBlank: true, nullable: true })),
    username_due: Type.Optional(Type.Boolean()),
    mobile: Type.Optional(Type.String({ ...mobile.person(), allowBlank: true, nullable: true })),
    old_sms_code: oldSmsCode,
    current_password: currentPassword,
    fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
  });

type ProfileChange = Static<ReturnType<typeof profileChange>>;

/** What whoever acts in the owner's place may change: nothing that is a name to log in by, and no guess at the password. Error: `impersonated`. */
function harmless({ first_name, last_name, nickname, fields, ...others }: ProfileChange) {
  if (Object.values(others).some((value) => value !== undefined)) throw new AppError("impersonated");
  return { first_name, last_name, nickname, fields };
}

const PasswordChange = Type.Object({
  current_password: currentPassword,
  password: Type.String(passwordField),
  password2: Type.String(passwordField),
  refresh: Type.Optional(Type.Boolean()),
});

const EmailChange = Type.Object({
  email: Type.String(email.person()),
  email_code: Type.String(codeField),
  current_password: currentPassword,
});

const tags = ["account"];

export function accountRoutes(api: Api, deps: AccountRoutesDeps): void {
  const { account, devices, profiles, ownerOf, renewSession } = deps;
  const ProfileChange = profileChange(deps.reservedUsernames);
  usernameRoute(api, deps);
  for (const url of ["/user/", "/users/user/detail/"]) {
    api.route({
      method: "GET",
      url,
      config: { auth: "required", impersonated: true },
      schema: { summary: "The own profile", tags, hide: url !== "/user/", response: { 200: Profile } },
      handler: (request, reply) => {
        // Asked for on every page: without anything beside the record it waits for nothing.
        if (profiles.isPlain(userOf(request))) reply.send(profiles.plain(userOf(request)));
        else return profiles.of(userOf(request));
      },
    });
  }

  api.route({
    method: "PATCH",
    url: "/user/",
    config: { auth: "required", impersonated: true },
    schema: { summary: "Change the own profile", tags, body: ProfileChange, response: { 200: Profile } },
    handler: async (request) => {
      const asker = await devices.askerOf(request);
      const user = userOf(request);
      const caller = { user, proof: proofOf(request) };
      const expectOwner = ownerOf(caller, { action: "mobile", inThisCall: true, asker });
      const impersonator = impersonatorOf(user, String(request.id));
      const change = impersonator === null ? request.body : harmless(request.body);
      const how = { asker, impersonator };
      return profiles.of(await account.changeProfile(user.id, change, how, expectOwner));
    },
  });

  api.route({
    method: "PUT",
    url: "/user/password/",
    config: { auth: "required" },
    schema: {
      summary: "Change the own password; every earlier token ends, the answer has a new one",
      tags,
      body: PasswordChange,
      response: {
        200: Type.Object({
          message: Type.String(),
          token: Type.String(),
          refresh_token: Type.Optional(Type.String()),
        }),
      },
    },
    async handler(request, reply) {
      const { language } = request;
      const asker = await devices.askerOf(request);
      const { password2: repeated, refresh, ...body } = request.body;
      const seen = userOf(request);
      const { id, session_id: sessionId = null, session_cookie: inCookie } = seen;
      // A first password is a way in that a stolen token would make for good.
      const call = { action: "password", inThisCall: "where possible", asker } as const;
      const expectOwner = ownerOf({ user: seen, proof: proofOf(request) }, call);
      const how = { language, asker };
      const user = await account.changePassword(id, { ...body, repeated }, how, expectOwner);
      const wish =
        inCookie === undefined ? { refresh } : { refresh: inCookie.lasts, cookie: { present: null } };
      const { token, refreshToken, cookies } = await renewSession(user, asker, wish, sessionId);
      for (const cookie of cookies) reply.header("set-cookie", cookie);
      return { message: "OK", token, ...(refreshToken === null ? {} : { refresh_token: refreshToken }) };
    },
  });

  api.route({
    method: "PUT",
    url: "/user/email/",
    config: { auth: "required" },
    schema: {
      summary: "Change the own address, with a code sent to the new one",
      tags,
      body: EmailChange,
      response: { 200: Profile },
    },
    async handler(request) {
      const { language } = request;
      const asker = await devices.askerOf(request);
      const user = userOf(request);
      const caller = { user, proof: proofOf(request) };
      const expectOwner = ownerOf(caller, { action: "email", inThisCall: true, asker });
      return profiles.of(await account.changeEmail(user.id, request.body, { language, asker }, expectOwner));
    },
  });

  mobileRoutes(api, deps);
  consentRoutes(api, deps);

  api.route({
    method: "POST",
    url: "/user/tokens/end/",
    config: { auth: "required" },
    schema: {
      summary: "Log out everywhere: every token of the account ends",
      tags,
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request, reply) {
      const seen = userOf(request);
      const asker = await devices.askerOf(request);
      // The owner's own device stays known; one that brings no more than a stolen token does not become it.
      const wasKnown = await devices.isKnown(seen, asker);
      const ended = await account.endTokens(seen.id);
      if (wasKnown) reply.header("set-cookie", await devices.remember(ended, asker));
      if (seen.session_cookie !== undefined) reply.header("set-cookie", seen.session_cookie.removal);
      return { message: "OK" };
    },
  });
}

/**
 * Answers with another token of the caller's session: the one that asked names the old user name, and services of the
 * mall that find accounts by the name in it would find nobody.
 */
function usernameRoute(
  api: Api,
  { account, devices, profiles, ownerOf, reservedUsernames, renameInSession }: AccountRoutesDeps,
): void {
  api.route({
    method: "PUT",
    url: "/user/username/",
    config: { auth: "required" },
    schema: {
      summary: "Change the own user name; the answer has a token with the new one",
      tags,
      body: Type.Object({
        username: Type.String(username.person(reservedUsernames)),
        current_password: currentPassword,
      }),
      response: { 200: Type.Object({ ...Profile.properties, token: Type.Optional(Type.String()) }) },
    },
    async handler(request) {
      const seen = userOf(request);
      const { id, session_id: sessionId = null, session_cookie: inCookie } = seen;
      const asker = await devices.askerOf(request);
      const expectOwner = ownerOf({ user: seen, proof: proofOf(request) }, { action: "username", asker });
      const facts = { language: request.language, requestId: String(request.id) };
      const user = await account.changeUsername(id, request.body, facts, expectOwner);
      const token = inCookie === undefined ? await renameInSession(user, sessionId) : null;
      return { ...profiles.plain(user), ...(token === null ? {} : { token }) };
    },
  });
}
