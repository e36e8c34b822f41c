import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { type Consent, type Consents, consentDocuments } from "./consents.ts";

const Document = Type.Enum(consentDocuments);

/** /user/consents/: what somebody agreed to, and agreeing. */
export function consentRoutes(api: Api, consents: Consents): void {
  const tags = ["account"];

  api.route({
    method: "GET",
    url: "/user/consents/",
    config: { auth: "required" },
    schema: {
      summary: "What the caller agreed to, and when",
      tags,
      response: {
        200: Type.Object({
          consents: Type.Array(
            Type.Object({ document: Document, version: Type.String(), agreed: Type.String() }),
          ),
        }),
      },
    },
    async handler(request) {
      const given = await consents.list(userOf(request).id);
      return {
        consents: given.map(({ document, version, agreed_at }) => ({
          ...{ document, version, agreed: new Date(agreed_at).toISOString() },
        })),
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
}
