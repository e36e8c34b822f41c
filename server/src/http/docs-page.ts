import { readFileSync } from "node:fs";
import Fastify, { type FastifyInstance } from "fastify";
import { type Brand, nameIn, withBrand } from "../brand/brand.ts";
import type { Api } from "./server.ts";

const prefix = "/docs";
const description = new URL("../../../docs/openapi.json", import.meta.url);

/** What the API's description is called; a server shows it in its operator's name. */
export const apiTitle = "{brandShort} Accounts";

export interface DocsPage {
  /** Where the page reaches the API. */
  readonly url: string;
  readonly brand: Brand;
}

/** The name as a picture, which is what the page takes. */
function logoOf(brand: Brand): string {
  const words = nameIn(brand.name, "zh").replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="180" height="40"><text x="0" y="28" fill="#fff" font-family="sans-serif" font-size="24" font-weight="700">${words}</text></svg>`;
}

/**
 * The API's interactive description at /docs. The page's files come from the package: no CDN. It is a server of
 * its own inside this one, made when somebody first looks: no start loads it, and most servers are never asked.
 */
export function docsRoutes(api: Api, of: DocsPage): void {
  let page: Promise<FastifyInstance> | null = null;
  for (const path of [prefix, `${prefix}/*`]) {
    api.route({
      method: "GET",
      url: path,
      config: { auth: "ignored" },
      schema: { hide: true },
      async handler(request, reply) {
        page ??= createPage(of).catch((error) => {
          // The next visitor tries again.
          page = null;
          throw error;
        });
        const { routing } = await page;
        // The page sets a policy under which its own files run.
        const { "content-security-policy": _, ...headers } = reply.getHeaders();
        for (const [name, value] of Object.entries(headers)) reply.raw.setHeader(name, value as string);
        reply.hijack();
        routing(request.raw, reply.raw);
      },
    });
  }
  api.addHook("onClose", async () => {
    await (await page)?.close();
  });
}

async function createPage({ url, brand }: DocsPage): Promise<FastifyInstance> {
  const [{ default: swagger }, { default: swaggerUi }] = await Promise.all([
    import("@fastify/swagger"),
    import("@fastify/swagger-ui"),
  ]);
  const written = JSON.parse(readFileSync(description, "utf8"));
  const title = withBrand(apiTitle, brand, "en");
  const document = { ...written, info: { ...written.info, title }, servers: [{ url }] };
  const page = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
  await page.register(swagger, { mode: "static", specification: { document } });
  await page.register(swaggerUi, {
    routePrefix: prefix,
    // Where the API is below a path (PUBLIC_API_URL=https://www.example.com/api), so are the page's files.
    indexPrefix: (URL.parse(url)?.pathname ?? "").replace(/\/$/, ""),
    // Only its own files, over whatever the API is reached by; the page styles itself in attributes.
    staticCSP:
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    theme: { title: `${title} API` },
    logo: { type: "image/svg+xml", content: Buffer.from(logoOf(brand)), href: prefix, target: "_self" },
  });
  page.setNotFoundHandler((_request, reply) => {
    reply.code(404).type("text/plain; charset=utf-8").send("404\n");
  });
  await page.ready();
  return page;
}
