import { codeField } from "../codes/code.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { proofOf } from "../http/step-up.ts";
import Type from "../kernel/schema/schema.ts";
import type { Account } from "./account.ts";
import type { OwnerOf } from "./expect-owner.ts";
import { mobile } from "./mobile.ts";
import { type NumberLeaveRoutesDeps, numberLeaveRoutes } from "./number-leave-routes.ts";
import { Profile, type Profiles } from "./profile.ts";

/** To the proved number that there is, where there is one. */
export const oldSmsCode = Type.Optional(Type.String({ ...codeField, minLength: 0, allowBlank: true }));

const MobileChange = Type.Object({
  mobile: Type.String(mobile.person()),
  sms_code: Type.String(codeField),
  old_sms_code: oldSmsCode,
  current_password: Type.Optional(Type.String({ trim: false, maxLength: 4096 })),
});

export interface MobileRoutesDeps extends NumberLeaveRoutesDeps {
  readonly account: Account;
  readonly devices: KnownDevices;
  readonly profiles: Profiles;
  readonly ownerOf: OwnerOf;
}

/** PUT /user/mobile/: a number proved by a code sent to it. One without a code is changed by PATCH /user/. */
export function mobileRoutes(api: Api, deps: MobileRoutesDeps): void {
  const { account, devices, profiles, ownerOf } = deps;
  numberLeaveRoutes(api, deps);
  api.route({
    method: "PUT",
    url: "/user/mobile/",
    config: { auth: "required" },
    schema: {
      summary: "Prove the own mobile number, or change it to another, with a code sent to it",
      tags: ["account"],
      body: MobileChange,
      response: { 200: Profile },
    },
    async handler(request) {
      const asker = await devices.askerOf(request);
      const user = userOf(request);
      const caller = { user, proof: proofOf(request) };
      const expectOwner = ownerOf(caller, { action: "mobile", inThisCall: true, asker });
      return profiles.of(await account.changeMobile(user.id, request.body, asker, expectOwner));
    },
  });
}
