import { codeField } from "../codes/code.ts";
import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { passwordField } from "../passwords/password-policy.ts";
import type { Account } from "./account.ts";
import { email } from "./email.ts";
import { mobile } from "./mobile.ts";
import { personName } from "./person-name.ts";
import { Profile, profileOf } from "./profile.ts";
import type { User } from "./record.ts";

/** What people see and change of their own account. */
export interface AccountRoutesDeps {
  readonly account: Account;
  readonly devices: KnownDevices;
  /** Goes on with the caller's session after it ended every token (sign-in/complete.ts). */
  readonly renewSession: (account: User, asker: Asker) => Promise<{ token: string; cookie: string }>;
}

const currentPassword = Type.Optional(Type.String({ trim: false, maxLength: 4096 }));

const ProfileChange = Type.Object({
  first_name: Type.Optional(Type.String(personName.options)),
  last_name: Type.Optional(Type.String(personName.options)),
  mobile: Type.Optional(Type.String({ ...mobile.person(), allowBlank: true, nullable: true })),
  current_password: currentPassword,
});

const PasswordChange = Type.Object({
  current_password: currentPassword,
  password: Type.String(passwordField),
  password2: Type.String(passwordField),
});

const EmailChange = Type.Object({
  email: Type.String(email.person()),
  email_code: Type.String(codeField),
  current_password: currentPassword,
});

const tags = ["account"];

export function accountRoutes(api: Api, { account, devices, renewSession }: AccountRoutesDeps): void {
  for (const url of ["/user/", "/users/user/detail/"]) {
    api.route({
      method: "GET",
      url,
      config: { auth: "required" },
      schema: { summary: "The own profile", tags, hide: url !== "/user/", response: { 200: Profile } },
      handler: (request, reply) => {
        reply.send(profileOf(userOf(request)));
      },
    });
  }

  api.route({
    method: "PATCH",
    url: "/user/",
    config: { auth: "required" },
    schema: { summary: "Change the own profile", tags, body: ProfileChange, response: { 200: Profile } },
    handler: async (request) => {
      const asker = await devices.askerOf(request);
      return profileOf(await account.changeProfile(userOf(request).id, request.body, asker));
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
      response: { 200: Type.Object({ message: Type.String(), token: Type.String() }) },
    },
    async handler(request, reply) {
      const { language } = request;
      const asker = await devices.askerOf(request);
      const { password2: repeated, ...body } = request.body;
      const user = await account.changePassword(userOf(request).id, { ...body, repeated }, language, asker);
      const { token, cookie } = await renewSession(user, asker);
      reply.header("set-cookie", cookie);
      return { message: "OK", token };
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
      return profileOf(await account.changeEmail(userOf(request).id, request.body, language, asker));
    },
  });

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
      return { message: "OK" };
    },
  });
}
