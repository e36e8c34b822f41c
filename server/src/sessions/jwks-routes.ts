import type { Api } from "../http/server.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import type { SigningKeys } from "./keys/signing-keys.ts";

/**
 * GET /.well-known/jwks.json: the keys that verify access tokens (RFC 7517 section 5). Public ones alone: under HS256
 * there is none to be told, and the set is empty.
 */
const jwksPath = "/.well-known/jwks.json";

/** Far shorter than a key is published before it signs (keys/key-turns.ts). */
const cacheSeconds = 300;

const Jwk = Type.Object({
  kty: Type.String(),
  crv: Type.Optional(Type.String()),
  x: Type.Optional(Type.String()),
  y: Type.Optional(Type.String()),
  n: Type.Optional(Type.String()),
  e: Type.Optional(Type.String()),
  kid: Type.String(),
  alg: Type.String(),
  use: Type.String(),
});

export function jwksRoutes(
  api: Api,
  { signingKeys, clock }: { readonly signingKeys: Pick<SigningKeys, "ring">; readonly clock: Clock },
): void {
  api.route({
    method: "GET",
    url: jwksPath,
    config: { auth: "ignored" },
    schema: {
      summary: "The keys that verify access tokens (RFC 7517); empty while SECRET_KEY signs them (HS256)",
      tags: ["sessions"],
      response: { 200: Type.Object({ keys: Type.Array(Jwk) }) },
    },
    async handler(_request, reply) {
      reply.header("cache-control", `public, max-age=${cacheSeconds}`);
      return { keys: [...(await signingKeys.ring()).jwks(clock.now())] };
    },
  });
}
