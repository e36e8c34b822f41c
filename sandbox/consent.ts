import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type {
  AuthorizationRequest,
  ConsentSettings,
  Switch,
} from "../server/src/identities/providers/imitation.ts";
import { isLoopbackHost } from "../server/src/kernel/own-addresses.ts";
import { deliveries, postBack, postBackTwice } from "./form-post.ts";
import type { Grants } from "./grants.ts";
import { consentBody, escapeHtml, type Language, languageOf, sendPage } from "./page.ts";
import { findPerson, people } from "./people.ts";

/** Whose page it is. */
export interface ConsentProvider {
  readonly name: string;
  readonly title: Readonly<Record<Language, string>>;
  readonly switches: readonly Switch[];
}

/**
 * The page that asks the person, shared by all providers: what differs is given by each. Shown at the
 * provider's own address; the decision comes back with the original request in the query.
 */
export function consentRoutes(
  app: FastifyInstance,
  grants: Grants,
  { name: provider, title, switches }: ConsentProvider,
  settings: ConsentSettings,
): void {
  for (const path of settings.paths) {
    app.get(`/${provider}${path}`, (request, reply) => {
      const wanted = read(request, settings);
      if (typeof wanted === "string") {
        return sendPage(reply.code(400), languageOf(request), wanted, `<h1>${escapeHtml(wanted)}</h1>`);
      }
      const query = request.url.slice(request.url.indexOf("?") + 1);
      const page = {
        provider,
        title: title[wanted.language],
        clientId: wanted.clientId,
        action: `/${provider}/decision?${query}`,
        people,
        switches,
      };
      return sendPage(reply, wanted.language, page.title, consentBody(page, wanted.language));
    });
  }

  app.post(`/${provider}/decision`, (request, reply) => {
    const wanted = read(request, settings);
    if (typeof wanted === "string") return reply.code(400).send({ error: wanted });
    const form = (request.body ?? {}) as { person?: string; trouble?: string; decision?: string };
    if (form.decision !== "allow") return settings.onCancel(reply, wanted);
    const chosen = form.trouble ?? "";
    if (chosen === "redirect-mismatch") return settings.onMismatch(reply, wanted);
    const person = findPerson(form.person ?? "");
    const { clientId, redirectUri, challenge, nonce, isFresh } = wanted;
    const code = grants.issueCode(
      provider,
      { person, chosen, clientId, redirectUri, challenge, nonce, isFresh },
      settings.codeForm,
    );
    const came = { code, state: wanted.state };
    if (settings.formOf) {
      const fields = { ...came, ...settings.formOf(person, wanted) };
      return (chosen === "twice" ? postBackTwice : postBack)(reply, wanted, fields);
    }
    const callback = withQuery(redirectUri, came);
    return chosen === "twice" ? sendTwice(reply, wanted.language, callback) : reply.redirect(callback);
  });
}

function read(request: FastifyRequest, settings: ConsentSettings): AuthorizationRequest | string {
  const query = request.query as Record<string, string | undefined>;
  const clientId = query[settings.clientParameter];
  const redirectUri = query.redirect_uri ?? "";
  if (!clientId) return `${settings.clientParameter} is missing`;
  if (!/^https?:\/\//.test(redirectUri) || !URL.canParse(redirectUri)) return "redirect_uri is illegal";
  if (query.response_type !== "code") return "response_type must be code";
  return {
    clientId,
    redirectUri,
    formAddress: cameBy(redirectUri, query.back_at),
    state: query.state ?? "",
    challenge: query.code_challenge_method === "S256" ? (query.code_challenge ?? null) : null,
    nonce: query.nonce ?? null,
    isFresh: query.max_age !== undefined,
    language: languageOf(request),
    phone: /\bMobile\b/.test(request.headers["user-agent"] ?? ""),
  };
}

/** The address by the other name of this machine, where the browser came from there (web/src/sign-in/third-party.ts). */
function cameBy(address: string, backAt: string | undefined): string {
  const target = new URL(address);
  const back = URL.parse(backAt ?? "");
  if (back !== null && [target, back].every(({ hostname }) => isLoopbackHost(hostname))) {
    target.hostname = back.hostname;
  }
  return target.href;
}

/** The address with further parameters, in their order. */
export function withQuery(address: string, parameters: Readonly<Record<string, string>>): string {
  return `${address}${address.includes("?") ? "&" : "?"}${new URLSearchParams(parameters)}`;
}

/** An error page of the provider itself: nothing goes back to the site. */
export function errorPage(reply: FastifyReply, request: AuthorizationRequest, text: string): FastifyReply {
  const back = new URL(request.redirectUri).origin;
  const link = request.language === "zh" ? "返回网站" : "Back to the site";
  return sendPage(
    reply,
    request.language,
    text,
    `<h1 data-testid="provider-error">${escapeHtml(text)}</h1>
<p><a href="${escapeHtml(back)}/" data-testid="back-to-site">${link}</a></p>`,
  );
}

function sendTwice(reply: FastifyReply, language: Language, callback: string): FastifyReply {
  const [first, second] = deliveries[language];
  const href = escapeHtml(callback);
  return sendPage(
    reply,
    language,
    second,
    `<p><a href="${href}" target="_blank" rel="noopener" data-testid="deliver-first">${first}</a></p>
<p><a href="${href}" data-testid="deliver-second">${second}</a></p>`,
  );
}
