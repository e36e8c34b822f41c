import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance } from "fastify";
import { schemaController } from "../server/src/http/compilers.ts";
import { createHostCheck } from "../server/src/http/host-check.ts";
import type { ProviderDefinition } from "../server/src/identities/providers/definition.ts";
import type { Imitation } from "../server/src/identities/providers/imitation.ts";
import { providerList } from "../server/src/identities/providers/providers.ts";
import { isLoopbackHost } from "../server/src/kernel/own-addresses.ts";
import { captchaRoutes } from "./captchas.ts";
import { createGrants } from "./grants.ts";
import { createImitationKit } from "./imitation-kit.ts";
import { escapeHtml, languageOf, sendPage, shownNickname } from "./page.ts";
import { people } from "./people.ts";
import { pictureRoutes } from "./pictures.ts";
import { switchesOf } from "./switches.ts";

/**
 * The imitations of all providers on one address, each below its name, so that third-party log-in can be tried and
 * tested offline. Whoever opens it can be anybody in it: it is for development, and
 * createSandbox refuses to exist in production.
 */
export interface SandboxOptions {
  readonly environment: string;
  /** Whom it imitates; those of the list. */
  readonly providers?: readonly ProviderDefinition[];
  /** How long the "slow" switches wait; 15 s. */
  readonly slowMillis?: number;
  readonly now?: () => number;
}

/** Every setting with which a server uses the sandbox for all providers; any id and secret will do there. */
export function sandboxSettings(origin: string): Readonly<Record<string, string>> {
  return Object.assign({}, ...providerList.map(({ settings }) => settings.forSandbox(origin)));
}

export async function createSandbox(options: SandboxOptions): Promise<FastifyInstance> {
  if (options.environment === "production") {
    throw new Error("The sandbox lets anybody log in as anybody and does not run in production.");
  }
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const slowMillis = options.slowMillis ?? 15_000;
  const grants = createGrants(now);
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 16 * 1024, schemaController });
  await app.register(formbody);
  const refuseHost = createHostCheck({ allowedHosts: [] });
  app.addHook("onRequest", (request, reply, done) => {
    if (!refuseHost(request, reply)) done();
  });

  app.addHook("onSend", async (request, reply) => {
    const location = reply.getHeader("location");
    const back = URL.parse((request.query as { back_at?: string }).back_at ?? "");
    if (typeof location !== "string" || back === null) return;
    // The site's other name on this machine, from which the browser came (web/src/sign-in/third-party.ts).
    const target = URL.parse(location);
    const isOther =
      target?.port === back.port && [target, back].every(({ hostname }) => isLoopbackHost(hostname));
    if (isOther) reply.header("location", back.origin + location.slice(target.origin.length));
  });

  const providers = options.providers ?? providerList;
  const imitations: Imitation[] = [];
  for (const { name, title, sandbox } of providers) {
    const { imitation } = await sandbox();
    const provider = { name, title, switches: switchesOf(imitation) };
    imitation.routes(app, createImitationKit(app, grants, provider, slowMillis));
    imitations.push(imitation);
  }
  pictureRoutes(app, imitations);
  captchaRoutes(app);

  app.get("/", (request, reply) => {
    const language = languageOf(request);
    const rows = people
      .map(
        ({ nickname, about }) =>
          `<li><b><bdi>${shownNickname(nickname)}</bdi></b> ${escapeHtml(about[language])}</li>`,
      )
      .join("");
    const titles = providers.map(({ title }) => title[language]);
    const all = titles.join(language === "zh" ? "、" : ", ");
    const body =
      language === "zh"
        ? `<h1>第三方登录沙箱</h1><p>模拟 ${escapeHtml(all)}。请从网站的登录页进入。</p><h2>人物</h2><ul>${rows}</ul>`
        : `<h1>Third-party log-in sandbox</h1><p>Imitates ${escapeHtml(all)}. Start from the site's log-in page.</p><h2>People</h2><ul>${rows}</ul>`;
    return sendPage(reply, language, language === "zh" ? "第三方登录" : "Third-party log-in", body);
  });
  return app;
}
