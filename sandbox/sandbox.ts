import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance } from "fastify";
import { schemaController } from "../server/src/http/compilers.ts";
import { createHostCheck } from "../server/src/http/host-check.ts";
import { githubRoutes } from "./github.ts";
import { createGrants } from "./grants.ts";
import { oidcRoutes } from "./oidc.ts";
import { escapeHtml, languageOf, sendPage, shownNickname } from "./page.ts";
import { people } from "./people.ts";
import { pictureRoutes } from "./pictures.ts";
import { qqRoutes } from "./qq.ts";
import { wechatRoutes } from "./wechat.ts";
import { weiboRoutes } from "./weibo.ts";

/**
 * Imitations of QQ, Weibo, GitHub, WeChat and an OpenID Connect issuer on one address, so that third-party
 * log-in can be tried and tested offline. Whoever opens it can be anybody in it: it is for development, and
 * createSandbox refuses to exist in production.
 */
export interface SandboxOptions {
  readonly environment: string;
  /** How long the "slow" switches wait; 15 s. */
  readonly slowMillis?: number;
  readonly now?: () => number;
}

/** Base addresses below the sandbox's own, under the names of the settings that take them. */
export function sandboxAddresses(origin: string) {
  return {
    QQ_BASE_URL: `${origin}/qq`,
    WEIBO_BASE_URL: `${origin}/weibo`,
    GITHUB_BASE_URL: `${origin}/github`,
    GITHUB_API_BASE_URL: `${origin}/github-api`,
    WECHAT_BASE_URL: `${origin}/wechat`,
    WECHAT_API_BASE_URL: `${origin}/wechat-api`,
    OIDC_SANDBOX_ISSUER: `${origin}/oidc`,
  } as const;
}

/** Every setting with which a server uses the sandbox for all providers; any id and secret will do there. */
export function sandboxSettings(origin: string): Readonly<Record<string, string>> {
  const clients = ["QQ", "WEIBO", "GITHUB", "WECHAT", "OIDC_SANDBOX"].flatMap((name) => [
    [`${name}_CLIENT_ID`, "sandbox"],
    [`${name}_CLIENT_SECRET`, "sandbox"],
  ]);
  return { ...Object.fromEntries(clients), ...sandboxAddresses(origin) };
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

  qqRoutes(app, grants, slowMillis);
  weiboRoutes(app, grants, slowMillis);
  githubRoutes(app, grants, slowMillis);
  wechatRoutes(app, grants, slowMillis);
  oidcRoutes(app, grants, slowMillis);
  pictureRoutes(app);

  app.get("/", (request, reply) => {
    const language = languageOf(request);
    const rows = people
      .map(
        ({ nickname, about }) =>
          `<li><b><bdi>${shownNickname(nickname)}</bdi></b> ${escapeHtml(about[language])}</li>`,
      )
      .join("");
    const body =
      language === "zh"
        ? `<h1>第三方登录沙箱</h1><p>模拟 QQ、微博、GitHub、微信和 OpenID Connect。请从网站的登录页进入。</p><h2>人物</h2><ul>${rows}</ul>`
        : `<h1>Third-party log-in sandbox</h1><p>Imitates QQ, Weibo, GitHub, WeChat and OpenID Connect. Start from the site's log-in page.</p><h2>People</h2><ul>${rows}</ul>`;
    return sendPage(reply, language, language === "zh" ? "第三方登录" : "Third-party log-in", body);
  });
  return app;
}
