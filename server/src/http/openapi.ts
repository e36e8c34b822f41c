import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import type { Api } from "./server.ts";

export const docsPrefix = "/docs";

const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" width="180" height="40"><text x="0" y="28" fill="#fff" font-family="sans-serif" font-size="24" font-weight="700">美多账号</text></svg>';

/**
 * The API's description, made from the routes' schemas, and its interactive page at /docs. The page's files
 * come from the package: no CDN. `docs/openapi.json` is this document, kept current by documents.test.ts.
 */
export async function addOpenApi(api: Api, { page, url }: { page: boolean; url: string }): Promise<void> {
  await (api as unknown as FastifyInstance).register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Meiduo Accounts",
        version: "1.0.0",
        description: "Accounts for sites with a separated front end. 面向前后端分离站点的账号系统。",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url }],
      components: {
        securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      },
    },
    transform: ({ schema, url: path, route }) => {
      const needsUser = route.config?.auth === "required";
      return {
        url: path,
        schema: { ...schema, ...(needsUser ? { security: [{ token: [] }] } : {}) } as never,
      };
    },
  });
  if (page)
    await (api as unknown as FastifyInstance).register(swaggerUi, {
      routePrefix: docsPrefix,
      staticCSP: true,
      theme: { title: "Meiduo Accounts API" },
      logo: { type: "image/svg+xml", content: Buffer.from(logo), href: "/docs", target: "_self" },
    });
}
