import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import {
  type AgeDeclarations,
  type AgeSent,
  declaredAges,
  guardianContactLength,
} from "./age-declarations.ts";
import { type ConsentChoices, optionalPurposes } from "./consent-choices.ts";
import { type Consent, type Consents, consentDocuments } from "./consents.ts";

const Document = Type.Enum(consentDocuments);

const nullableText = Type.Union([Type.String(), Type.Null()]);

const OptionalView = Type.Object({
  purpose: Type.Enum(optionalPurposes),
  /** What is given is given to this one. */
  version: Type.String(),
  given: Type.Boolean(),
  /** The last choice. */
  chosen: nullableText,
  chosen_version: nullableText,
});

export interface ConsentRoutesDeps {
  readonly consents: Consents;
  readonly consentChoices: ConsentChoices;
  readonly ageDeclarations: AgeDeclarations;
}

/** /user/consents/: what somebody agreed to, and agreeing. */
export function consentRoutes(api: Api, deps: ConsentRoutesDeps): void {
  const { consents, consentChoices } = deps;
  const tags = ["account"];

  api.route({
    method: "GET",
    url: "/user/consents/",
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "What the caller agreed to, and when",
      tags,
      response: {
        200: Type.Object({
          consents: Type.Array(
            Type.Object({ document: Document, version: Type.String(), agreed: Type.String() }),
          ),
          /** What may be agreed to or not; absent where the site asks nothing. */
          optional: Type.Optional(Type.Array(OptionalView)),
        }),
      },
    },
    async handler(request) {
      const { id } = userOf(request);
      const given = await consents.list(id);
      const choices = consentChoices.isAsked ? await consentChoices.list(id) : null;
      return {
        consents: given.map(({ document, version, agreed_at }) => ({
          ...{ document, version, agreed: new Date(agreed_at).toISOString() },
        })),
        ...(choices === null
          ? {}
          : {
              optional: choices.map(({ chosenAt, chosenVersion, ...one }) => ({
                ...{ ...one, chosen_version: chosenVersion },
                chosen: chosenAt === null ? null : new Date(chosenAt).toISOString(),
              })),
            }),
      };
    },
  });

  api.route({
    method: "POST",
    url: "/user/consents/",
    config: { auth: "required" },
    schema: {
      summary: "Agree to the present version of a document",
      tags,
      body: Type.Object({ document: Document, version: Type.String({ maxLength: 50 }) }),
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request) {
      await consents.agree(userOf(request).id, request.body as Consent);
      return { message: "OK" };
    },
  });
  choiceRoutes(api, deps);
}

/** Giving and withdrawing what nobody has to give, and what one says of one's age. */
function choiceRoutes(api: Api, { consentChoices, ageDeclarations }: ConsentRoutesDeps): void {
  const tags = ["account"];
  const params = Type.Object({ purpose: Type.Enum(optionalPurposes) });
  const ok = { 200: Type.Object({ message: Type.String() }) };

  api.route({
    method: "PUT",
    url: "/user/consents/:purpose/",
    config: { auth: "required" },
    schema: {
      summary: "Agree to what nobody has to agree to, in its present version",
      ...{ tags, params, response: ok },
      body: Type.Object({ version: Type.String({ maxLength: 50 }) }),
    },
    async handler(request) {
      await consentChoices.give(userOf(request).id, request.params.purpose, request.body.version);
      return { message: "OK" };
    },
  });

  api.route({
    method: "DELETE",
    url: "/user/consents/:purpose/",
    config: { auth: "required" },
    schema: { summary: "Withdraw it", tags, params, response: ok },
    async handler(request) {
      await consentChoices.withdraw(userOf(request).id, request.params.purpose);
      return { message: "OK" };
    },
  });

  api.route({
    method: "POST",
    url: "/user/age/",
    config: { auth: "required" },
    schema: {
      summary: "Say that one is 14 or older, or that a guardian agrees",
      tags,
      body: Type.Object({
        age_declared: Type.Enum(declaredAges),
        guardian_contact: Type.Optional(Type.String({ maxLength: guardianContactLength, allowBlank: true })),
      }),
      response: ok,
    },
    async handler(request) {
      await ageDeclarations.declare(userOf(request).id, request.body as AgeSent);
      return { message: "OK" };
    },
  });
}
