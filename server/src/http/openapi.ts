import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { defaultBrand, withBrand } from "../brand/brand.ts";
import { isForStaff } from "./authentication.ts";
import { apiTitle } from "./docs-page.ts";
import type { Api } from "./server.ts";

/**
 * Describes the API from the routes' schemas, which must be added after this: `docs/openapi.json` is made of it
 * ("npm run generate") and kept current by documents.test.ts. A server that runs reads that file instead; making
 * the description costs a start more than all routes together. The version is the packages', given by whoever makes it.
 */
export async function describeRoutes(
  api: Api,
  { url, version }: { url: string; version: string },
): Promise<void> {
  await (api as unknown as FastifyInstance).register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: withBrand(apiTitle, defaultBrand, "en"),
        version,
        description: "Accounts for sites with a separated front end. 面向前后端分离站点的账号系统。",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url }],
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
          service: {
            ...{ type: "http", scheme: "bearer", bearerFormat: "meiduo_svc_…" },
            description: "Of a program, made by `manage service create`: docs/services.md.",
          },
          cookie: {
            ...{ type: "apiKey", in: "cookie", name: "__Host-meiduo_session" },
            description: "Only with the header `x-meiduo-session: cookie`: docs/sessions.md.",
          },
        },
      },
    },
    transform: ({ schema, url: path, route }) => {
      const { auth, permission, services = false, takesFile } = route.config ?? {};
      const description = auth === "service" ? forServices(permission) : whoMay(path, permission, services);
      const security: Record<string, readonly string[]>[] = [
        ...(auth === "required" ? [{ token: [] }, { cookie: [] }] : []),
        ...(auth === "service" || services ? [{ service: [] }] : []),
      ];
      return {
        url: path,
        schema: {
          ...schema,
          ...(takesFile && { body: { type: "string", format: "binary" }, consumes: fileTypes }),
          ...(description !== null && { description }),
          ...(security.length > 0 && { security }),
        },
      };
    },
  });
}

/** What a file may be sent as: as it is, of whatever kind, or as a part of a form. */
const fileTypes = ["application/octet-stream"];

/** In the words of a route's description; null where being logged in is enough, or not asked for. */
function whoMay(path: string, permission: string | undefined, services: boolean): string | null {
  if (!isForStaff(path)) return permission === undefined ? null : `Needs the permission \`${permission}\`.`;
  if (permission === undefined) return "For staff and superusers.";
  const people = `For staff with the permission \`${permission}\`, and for superusers`;
  return services ? `${people}; for services with that scope.` : `${people}.`;
}

const forServices = (permission: string | undefined) =>
  `For services with the scope \`${permission}\` alone.`;
