import type { FastifyRequest } from "fastify";
import { AppError } from "../../errors/errors.ts";
import { mediaType } from "../../http/error-renderer.ts";
import { readHostHeader } from "../../http/host-check.ts";
import type { Api } from "../../http/server.ts";
import { isLoopbackHost } from "../../kernel/own-addresses.ts";
import { addressBelow } from "../../kernel/public-address.ts";
import Type from "../../kernel/schema/schema.ts";
import { knownProvider } from "../providers/known-provider.ts";
import type { Providers } from "../providers/providers.ts";

/**
 * Where a provider's page sends people back by a form (OAuth 2.0 Form Post Response Mode): handed on to the site's own callback
 * page, which goes on as with every other provider.
 *
 * It comes from a stranger's page and without cookies (SameSite), so anybody can send one. Promises: it looks at no cookie and
 * no token, sets nothing, keeps nothing, logs nothing of what came, and leads to that one page alone. Whether the state is one
 * of ours, unused, and this browser's is found out there, by the request of our own page (state.ts).
 * Guard: apple-callback.test.ts.
 */
export interface FormCallbackDeps {
  readonly providers: Providers;
  readonly siteUrl: string;
}

/** The longest honest one, with a name and an ID token that nobody asked for, is about 2 KB. */
const bodyLimit = 8 * 1024;
const formType = "application/x-www-form-urlencoded";

// Untrimmed also means unjudged: a name with a sign that we would not show must keep nobody out.
const Form = Type.Object({
  code: Type.Optional(Type.String({ maxLength: 1024, trim: false })),
  state: Type.String({ maxLength: 2048, trim: false }),
  error: Type.Optional(Type.String({ maxLength: 256 })),
  user: Type.Optional(Type.String({ maxLength: 4096, allowBlank: true, trim: false })),
});

export function formCallbackRoutes(api: Api, { providers, siteUrl }: FormCallbackDeps): void {
  api.route({
    method: "POST",
    url: "/oauth/callback/:provider/",
    bodyLimit,
    config: { auth: "ignored", takesForeignForm: true },
    schema: {
      summary: "A provider's form with the code, handed on to the site's callback page",
      tags: ["third-party log-in"],
      params: Type.Object({ provider: Type.String({ maxLength: 32 }) }),
      consumes: [formType],
      body: Form,
      response: { 303: Type.Null() },
    },
    async preValidation(request) {
      const type = mediaType(request.headers["content-type"] ?? "");
      if (type !== formType) throw new AppError("unsupported_media_type", { parameters: { type } });
    },
    async handler(request, reply) {
      const { name, readForm } = knownProvider(providers, request.params.provider);
      if (readForm === undefined) throw new AppError("not_found");
      const page = new URL(addressBelow(siteFor(request, siteUrl), `/oauth/callback/${name}`));
      for (const [key, value] of Object.entries(readForm(request.body))) {
        if (value !== undefined) page.searchParams.set(key, value);
      }
      return reply.redirect(page.href, 303);
    },
  });
}

/** The site; where both are on this machine, by the name of it that the browser came by: each keeps a session of its own. */
function siteFor(request: FastifyRequest, siteUrl: string): string {
  const site = new URL(siteUrl);
  const host = readHostHeader(request.headers.host ?? "");
  if (host !== null && isLoopbackHost(host) && isLoopbackHost(site.hostname)) site.hostname = host;
  return site.href;
}
