import type { Api } from "../http/server.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import { idParameters } from "./admin-fields.ts";
import { needs } from "./staff.ts";
import { accessFindings, type UserAccess } from "./user-access.ts";

const nullableText = Type.Union([Type.String(), Type.Null()]);
const timeOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/** GET /admin/users/<id>/access/: by what an account is opened, and why it may not be. */
export function userAccessRoutes(api: Api, { userAccess }: { readonly userAccess: UserAccess }): void {
  api.route({
    method: "GET",
    url: "/admin/users/:id/access/",
    config: needs("users.view_user"),
    schema: {
      summary: "By what an account is opened, and why its owner may be unable to log in",
      tags: ["administration"],
      params: idParameters,
      response: {
        200: Type.Object({
          has_password: Type.Boolean(),
          second_factor: Type.Object({
            enabled: Type.Boolean(),
            since: nullableText,
            recovery_codes_left: Type.Integer(),
            methods: Type.Array(Type.String()),
          }),
          bindings: Type.Array(
            Type.Object({
              provider: Type.String(),
              nickname: nullableText,
              created_at: Type.String(),
              last_login_at: nullableText,
            }),
          ),
          refusals: Type.Array(
            Type.Object({
              reason: Type.String(),
              network: Type.String(),
              at: Type.String(),
              times: Type.Integer(),
            }),
          ),
          disabled: Type.Union([
            Type.Object({
              ...{ reason: Type.String(), by: Type.String(), at: Type.String(), until: nullableText },
            }),
            Type.Null(),
          ]),
          findings: Type.Array(Type.Enum([...accessFindings])),
        }),
      },
    },
    async handler(request) {
      const { hasPassword, bindings, factor, refusals, findings, disabling } = await userAccess.of(
        request.params.id,
      );
      return {
        has_password: hasPassword,
        second_factor: {
          ...{ enabled: factor.enabled, since: timeOf(factor.since) },
          ...{ recovery_codes_left: factor.recoveryCodesLeft, methods: [...factor.methods] },
        },
        bindings: bindings.map(({ provider, nickname, created_at, last_login_at }) => ({
          ...{ provider, nickname: nickname === null ? null : maskText(nickname) },
          created_at: new Date(created_at).toISOString(),
          last_login_at: timeOf(last_login_at),
        })),
        refusals: refusals.map(({ refused_at, reason, network, times }) => ({
          ...{ reason, network, times, at: new Date(refused_at).toISOString() },
        })),
        disabled:
          disabling === null
            ? null
            : {
                ...{ reason: disabling.reason, by: maskText(disabling.disabled_by) },
                at: new Date(disabling.disabled_at).toISOString(),
                until: timeOf(disabling.ends_at),
              },
        findings,
      };
    },
  });
}
