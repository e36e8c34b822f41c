import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Grant, ImitationKit } from "../server/src/identities/providers/imitation.ts";
import { type ConsentProvider, consentRoutes, errorPage, withQuery } from "./consent.ts";
import { postBack } from "./form-post.ts";
import type { Grants } from "./grants.ts";
import { misbehave } from "./switches.ts";

/** What a provider's imitation is made with; its codes and tokens are good at it alone. */
export function createImitationKit(
  app: FastifyInstance,
  grants: Grants,
  provider: ConsentProvider,
  slowMillis: number,
): ImitationKit {
  const { name } = provider;
  return {
    consent: (settings) => consentRoutes(app, grants, provider, settings),
    redeem: (code) => grants.redeem(name, code),
    issueToken: (grant, token) => grants.issueToken(name, grant, token),
    byToken: (token) => grants.byToken(name, token),
    dropToken: (token) => grants.dropToken(name, token),
    misbehave: (reply, { chosen }, stage) => misbehave(reply, chosen, stage, slowMillis),
    verifies,
    ...{ withQuery, errorPage, postBack },
  };
}

function verifies({ chosen, challenge }: Grant, verifier: string | undefined): boolean {
  if (chosen === "wrong-verifier") return false;
  if (challenge === null) return true;
  const digest = createHash("sha256")
    .update(verifier ?? "")
    .digest("base64url");
  return digest === challenge;
}
