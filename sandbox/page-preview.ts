import { readFileSync } from "node:fs";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../server/src/errors/errors.ts";
import { addressBelow, basePathOf } from "../server/src/kernel/public-address.ts";
import type { SiteSignUp } from "../server/src/site/site-sign-up.ts";
import { comesFromHere } from "./mailbox.ts";
import { pageStates } from "./page-states.ts";
import type { PageState } from "./previewed-state.ts";

/**
 * `/sandbox/brand/page/<state>` on the site, in development alone: the real page, brought into one of its states
 * (page-states.ts) by a script that runs before the page's own (page-state.js), with answers of the API that are made up.
 * It may stand in a frame of the API's page `/sandbox/brand/`, and of nobody else's.
 */
export interface PagePreviewDeps {
  /** Where browsers reach the site, below a path or not. */
  readonly siteUrl: string;
  /** Of the API, whose page frames these. */
  readonly apiOrigin: string;
  /** Whether it answers other machines, too. */
  readonly isOpen: boolean;
}

const folder = "/sandbox/brand";
const scriptFile = new URL("page-state.js", import.meta.url);

/** Where a state of a page is shown. */
export function previewAddress(
  siteUrl: string,
  state: string,
  language: string,
  theme: "light" | "dark",
): string {
  return addressBelow(siteUrl, `${folder}/page/${state}?${new URLSearchParams({ language, theme })}`);
}

export function pagePreviewRoutes(
  site: FastifyInstance,
  { siteUrl, apiOrigin, isOpen }: PagePreviewDeps,
): void {
  const base = basePathOf(siteUrl);
  const onRequest = async (request: FastifyRequest) => {
    if (!isOpen && !comesFromHere(request)) throw new AppError("mailbox_is_local");
  };
  /** What the site itself answers the same visitor. */
  const answerOf = (url: string, { headers: { host = "" } }: FastifyRequest) =>
    site.inject({ url, headers: { host } });

  site.get(`${folder}/page-state.js`, { onRequest }, (_request, reply) =>
    reply
      .type("text/javascript; charset=utf-8")
      .header("cache-control", "no-cache")
      .send(readFileSync(scriptFile)),
  );
  site.get(`${folder}/page/:state`, { onRequest }, async (request, reply) => {
    const state = stateOf(request);
    const { body } = await answerOf(`${base}/`, request);
    const policy = String(reply.getHeader("content-security-policy"));
    reply.removeHeader("x-frame-options");
    return reply
      .type("text/html; charset=utf-8")
      .header("cache-control", "no-store")
      .header(
        "content-security-policy",
        policy.replace("frame-ancestors 'none'", `frame-ancestors 'self' ${apiOrigin}`),
      )
      .send(inState(body, base, state, request.query as Look));
  });
  site.get(`${folder}/config/:state`, { onRequest }, async (request) => {
    const state = stateOf(request);
    const config = (await answerOf(`${base}/config.json`, request)).json() as {
      signUp: SiteSignUp;
      sms: boolean;
      passkeys: { readonly rpId: string | null };
    };
    const apiUrl = `${request.protocol}://${request.host}${base}${folder}/api/${state.name}`;
    // Whoever a state shows logged in has a token of its own, and no cookie.
    const { signUp = {}, sms = config.sms } = state;
    const passkeys = state.passkeys ? { rpId: request.hostname } : config.passkeys;
    return { ...config, apiUrl, session: "token", signUp: { ...config.signUp, ...signUp }, sms, passkeys };
  });
  site.route({
    method: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    url: `${folder}/api/:state/*`,
    onRequest,
    handler: async (request, reply) => answerIn(stateOf(request), request, reply),
  });
}

function stateOf(request: FastifyRequest): PageState {
  const { state } = request.params as { state: string };
  const found = pageStates.find(({ name }) => name === state);
  if (found === undefined) throw new AppError("not_found");
  return found;
}

function answerIn(state: PageState, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = `/${(request.params as { "*": string })["*"]}`;
  const canned = state.answers?.[`${request.method} ${path}`];
  // The page would say that something is not there; the list has to say what is.
  if (canned === undefined) throw new AppError("not_found");
  if ("body" in canned) return reply.send(canned.body);
  const { error, ...details } = canned;
  throw new AppError(error, details);
}

interface Look {
  /** By default the browser's. */
  readonly language?: string;
  readonly theme?: "light" | "dark";
}

/** The page with the state in a block of data, before everything that runs. */
function inState(page: string, base: string, state: PageState, { language, theme }: Look): string {
  const { name, path, shows, acts = [], isLoggedIn = false, remembers = {} } = state;
  const remembered = Object.entries(remembers).map(([key, value]) => [key, JSON.stringify(value)]);
  const block = {
    ...{ name, path: base + path, shows },
    acts: acts.map(([selector, value = null]) => [selector, value]),
    local: {
      ...(language === undefined ? {} : { "meiduo.language": language }),
      ...(theme === undefined ? {} : { "meiduo.theme": theme }),
    },
    session: {
      ...Object.fromEntries(remembered),
      ...(isLoggedIn ? { token: "sample", username: "zhang_san", user_id: "7" } : {}),
    },
    config: { from: `${base}/config.json`, to: `${base}${folder}/config/${name}` },
  };
  const data = JSON.stringify(block).replaceAll("<", "\\u003c");
  return page
    .replace(
      /(?=<script src=)/,
      () =>
        `<script type="application/json" id="page-state">${data}</script><script src="${base}${folder}/page-state.js"></script>`,
    )
    .replace(`href="${block.config.from}"`, () => `href="${block.config.to}"`);
}
