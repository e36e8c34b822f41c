import Type from "../kernel/schema/schema.ts";
import type { Api } from "./server.ts";

/** GET /test/: what the tutorial's test page asks for to see whether its origin may call the API. */
export function testRoutes(api: Api): void {
  api.route({
    method: "GET",
    url: "/test/",
    config: { auth: "optional", impersonated: true },
    schema: {
      summary: "Try cross-origin access",
      tags: ["operations"],
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    handler: async () => ({ message: "接收OK" }),
  });
}
