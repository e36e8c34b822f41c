import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { DeclaredPermission } from "../permissions/declared-permissions.ts";
import type { Tokens } from "./tokens.ts";

/** As long as a header that could carry one. */
const anyText = { maxLength: 16_384, trim: false, check: () => null };

const scope: DeclaredPermission = "sessions.introspect_token";

/**
 * POST /token/introspect/ (RFC 7662): a service asks whether an access token is good, at once and not only by its
 * signature. Promises: it says what GET /user/ would; of a token that is not good nothing but that, whatever the reason;
 * only a service with the scope is answered, so that nobody tries tokens here (section 4; guard: introspection.test.ts).
 * A token that is asked about is in use: its session's idle time begins anew.
 */
export function introspectionRoutes(api: Api, { tokens }: { readonly tokens: Tokens }): void {
  api.route({
    method: "POST",
    url: "/token/introspect/",
    config: { auth: "service", permission: scope },
    schema: {
      summary: "Whether an access token is good now (RFC 7662); of one that is not only `active: false`",
      tags: ["tokens"],
      body: Type.Object({
        token: Type.String(anyText),
        token_type_hint: Type.Optional(Type.String(anyText)),
      }),
      response: {
        200: Type.Object({
          active: Type.Boolean(),
          token_type: Type.Optional(Type.String()),
          /** The account's id. */
          sub: Type.Optional(Type.String()),
          username: Type.Optional(Type.String()),
          exp: Type.Optional(Type.Integer()),
          iat: Type.Optional(Type.Integer()),
          /** The session; a token of another service has none. */
          sid: Type.Optional(Type.String()),
          /** Who of the staff acts in the account's place (RFC 8693 section 4.1); absent for its owner. */
          act: Type.Optional(Type.Object({ sub: Type.String() })),
        }),
      },
    },
    handler: (request) => introspect(tokens, request.body.token),
  });
}

async function introspect(tokens: Tokens, token: string) {
  try {
    const { user, exp, iat, sid } = await tokens.inspect(token);
    return {
      ...{ active: true, token_type: "Bearer", sub: String(user.id), username: user.username },
      exp: Math.floor(exp),
      ...(iat !== null && { iat: Math.floor(iat) }),
      ...(sid !== null && { sid }),
      ...(user.impersonator !== undefined && { act: { sub: String(user.impersonator.id) } }),
    };
  } catch (error) {
    // An engine that is away is no answer about the token.
    if (!(error instanceof AppError) || error.definition.status !== 401) throw error;
    return { active: false };
  }
}
