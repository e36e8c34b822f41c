import type { AccountRoutesDeps } from "../accounts/account-routes.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { proofOf } from "../http/step-up.ts";
import Type from "../kernel/schema/schema.ts";
import { passwordField } from "../passwords/password-policy.ts";

export type OwnPasswordDeps = Pick<AccountRoutesDeps, "account" | "devices" | "ownerOf" | "renewSession">;

/**
 * PUT /users/<id>/password/: PUT /user/password/ (accounts/account-routes.ts) under the classic pages' names, with the id of
 * whoever is logged in. A wrong present password is said in every place that one of these pages reads.
 */
export function ownPasswordRoutes(api: Api, deps: OwnPasswordDeps): void {
  const { account, devices, ownerOf, renewSession } = deps;
  for (const url of ["/users/:id/password/", "/users/:id/resetpassword/"]) {
    api.route({
      method: "PUT",
      url,
      config: { auth: "required" },
      schema: {
        summary: "Change the own password; every earlier token ends, the answer has a new one",
        tags: ["classic"],
        hide: url.endsWith("/resetpassword/"),
        params: Type.Object({ id: Type.Integer() }),
        body: Type.Object({
          old_password: Type.Optional(Type.String({ trim: false, maxLength: 4096 })),
          password: Type.String(passwordField),
          password2: Type.String(passwordField),
        }),
        response: { 200: Type.Object({ message: Type.String(), token: Type.String() }) },
      },
      async handler(request, reply) {
        const seen = userOf(request);
        const { id, session_id: sessionId = null, session_cookie: inCookie } = seen;
        if (request.params.id !== id) throw new AppError("forbidden");
        const asker = await devices.askerOf(request);
        const { old_password, password, password2: repeated } = request.body;
        const input = {
          ...{ password, repeated },
          ...(old_password === undefined ? {} : { current_password: old_password }),
        };
        const call = { action: "password", inThisCall: "where possible", asker } as const;
        const expectOwner = ownerOf({ user: seen, proof: proofOf(request) }, call);
        const how = { language: request.language, asker };
        const user = await account.changePassword(id, input, how, expectOwner).catch(inTheirNames);
        const wish = inCookie === undefined ? {} : { refresh: inCookie.lasts, cookie: { present: null } };
        const { token, cookies } = await renewSession(user, asker, wish, sessionId);
        for (const cookie of cookies) reply.header("set-cookie", cookie);
        return { message: "OK", token };
      },
    });
  }
}

/** What is wrong with the present password, as `old_password` and as `non_field_errors`; `message` comes by itself. */
function inTheirNames(error: unknown): never {
  const isAboutFields = error instanceof AppError && error.code === "invalid_fields";
  const present = isAboutFields ? error.fields.find(({ field }) => field === "current_password") : undefined;
  if (present === undefined) throw error;
  throw invalidFields({ ...present, field: "old_password" }, { ...present, field: "non_field_errors" });
}
