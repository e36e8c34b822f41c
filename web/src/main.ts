import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/forms.css";
import { createApp } from "vue";
import { connectApi } from "./api.ts";
import { followCookieSession } from "./cookie-session.ts";
import { errorQuery } from "./failed-navigation.ts";
import { i18n, loadFirstLanguage } from "./language.ts";
import { router } from "./router.ts";
import SiteApp from "./SiteApp.vue";
import { loadSiteConfig, type SiteConfig } from "./site-config.ts";

const app = createApp(SiteApp).use(i18n);
app.config.errorHandler = (error) => {
  console.error(error);
  void router.push({ path: "/error", query: errorQuery(error) });
};

/** Resolves to null once it is known who is logged in, as far as that can be. */
async function connected(config: PromiseSettledResult<SiteConfig>): Promise<null> {
  if (config.status === "rejected") throw config.reason;
  connectApi(config.value);
  if (config.value.session === "cookie") await followCookieSession();
  return null;
}

/** A function: the oldest browsers (served-browsers.ts) wait for nothing at the top of a module. */
async function start(): Promise<void> {
  const [texts, config] = await Promise.allSettled([loadFirstLanguage(), loadSiteConfig()]);
  // Without words there is no page to say so: the page's own words for browsers that are too old are shown.
  if (texts.status === "rejected") throw texts.reason;
  const trouble = await connected(config).catch((error: unknown) => ({ error }));
  // Its first step names the window, and asks whether somebody is logged in.
  app.use(router);
  if (trouble !== null) {
    console.error(trouble.error);
    await router.replace({ path: "/error", query: errorQuery(trouble.error) });
  }
  app.mount("#app");
}

start().catch((error: unknown) => {
  // As an error of the page, which public/early.js hears while there is no site to show it.
  setTimeout(() => {
    throw error;
  });
});
